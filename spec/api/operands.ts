/** Operands and executors of aclnn operators: host objects of libnnopbase. */
import { declared } from '../prototype.ts'
import type { ApiDraft } from '../types.ts'

export const operandsFunctions: ApiDraft[] = [
  ...declared(
    'aclnn/acl_meta.h',
    'libnnopbase.so',
    `
aclTensor *aclCreateTensor(const int64_t *viewDims, uint64_t viewDimsNum, aclDataType dataType, const int64_t *stride, int64_t offset, aclFormat format, const int64_t *storageDims, uint64_t storageDimsNum, void *tensorData)
  host client custom=aclnn/operands.c stride:nullable storageDims:nullable tensorData:address,in,nullable -- A tensor.
aclScalar *aclCreateScalar(void *value, aclDataType dataType)
  host client value:in -- A number.
aclIntArray *aclCreateIntArray(const int64_t *value, uint64_t size)
  host client custom=aclnn/operands.c -- An array of whole numbers.
aclFloatArray *aclCreateFloatArray(const float *value, uint64_t size)
  host client -- An array of numbers.
aclBoolArray *aclCreateBoolArray(const bool *value, uint64_t size)
  host client -- An array of truths.
aclTensorList *aclCreateTensorList(const aclTensor * const *value, uint64_t size)
  host client -- A list of tensors.
aclScalarList *aclCreateScalarList(const aclScalar * const *value, uint64_t size)
  host client -- A list of numbers.
aclnnStatus aclDestroyTensor(const aclTensor *tensor)
  host client -- Ends a tensor.
aclnnStatus aclDestroyScalar(const aclScalar *scalar)
  host client -- Ends a number.
aclnnStatus aclDestroyIntArray(const aclIntArray *array)
  host client -- Ends an array.
aclnnStatus aclDestroyFloatArray(const aclFloatArray *array)
  host client -- Ends an array.
aclnnStatus aclDestroyBoolArray(const aclBoolArray *array)
  host client -- Ends an array.
aclnnStatus aclDestroyTensorList(const aclTensorList *array)
  host client -- Ends a list and its tensors.
aclnnStatus aclDestroyScalarList(const aclScalarList *array)
  host client -- Ends a list and its numbers.
aclnnStatus aclGetViewShape(const aclTensor *tensor, int64_t **viewDims, uint64_t *viewDimsNum)
  query client -- Shape of a tensor.
aclnnStatus aclGetStorageShape(const aclTensor *tensor, int64_t **storageDims, uint64_t *storageDimsNum)
  query client -- Shape in memory.
aclnnStatus aclGetViewStrides(const aclTensor *tensor, int64_t **stridesValue, uint64_t *stridesNum)
  query client -- Strides of a tensor.
aclnnStatus aclGetViewOffset(const aclTensor *tensor, int64_t *offset)
  query client -- Offset of a tensor in its memory.
aclnnStatus aclGetFormat(const aclTensor *tensor, aclFormat *format)
  query client -- Format of a tensor.
aclnnStatus aclGetDataType(const aclTensor *tensor, aclDataType *dataType)
  query client -- Type of a tensor.
aclnnStatus aclGetIntArraySize(const aclIntArray *array, uint64_t *size)
  query client -- Length of an array.
aclnnStatus aclGetFloatArraySize(const aclFloatArray *array, uint64_t *size)
  query client -- Length of an array.
aclnnStatus aclGetBoolArraySize(const aclBoolArray *array, uint64_t *size)
  query client -- Length of an array.
aclnnStatus aclGetTensorListSize(const aclTensorList *tensorList, uint64_t *size)
  query client -- Length of a list.
aclnnStatus aclGetScalarListSize(const aclScalarList *scalarList, uint64_t *size)
  query client -- Length of a list.
aclnnStatus aclInitTensor(aclTensor *tensor, const int64_t *viewDims, uint64_t viewDimsNum, aclDataType dataType, const int64_t *stride, int64_t offset, aclFormat format, const int64_t *storageDims, uint64_t storageDimsNum, void *tensorDataAddr)
  host client custom=aclnn/operands.c tensor:inout stride:nullable storageDims:nullable tensorDataAddr:address,in,nullable -- Describes a tensor anew.
aclnnStatus aclSetAclOpExecutorRepeatable(aclOpExecutor *executor)
  host client -- An executor is kept for more than one run.
aclnnStatus aclDestroyAclOpExecutor(aclOpExecutor *executor)
  host client -- Ends a kept executor.
aclnnStatus aclSetInputTensorAddr(aclOpExecutor *executor, const size_t index, aclTensor *tensor, void *addr)
  host client addr:device -- Where an input is in the next run.
aclnnStatus aclSetOutputTensorAddr(aclOpExecutor *executor, const size_t index, aclTensor *tensor, void *addr)
  host client addr:device -- Where an output is in the next run.
aclnnStatus aclSetDynamicInputTensorAddr(aclOpExecutor *executor, size_t irIndex, const size_t relativeIndex, aclTensorList *tensors, void *addr)
  host client addr:device -- Where an input of a list is in the next run.
aclnnStatus aclSetDynamicOutputTensorAddr(aclOpExecutor *executor, size_t irIndex, const size_t relativeIndex, aclTensorList *tensors, void *addr)
  host client addr:device -- Where an output of a list is in the next run.
aclnnStatus aclSetTensorAddr(aclOpExecutor *executor, const size_t index, aclTensor *tensor, void *addr)
  host client addr:device -- Where a tensor is in the next run.
aclnnStatus aclSetDynamicTensorAddr(aclOpExecutor *executor, size_t irIndex, const size_t relativeIndex, aclTensorList *tensors, void *addr)
  host client addr:device -- Where a tensor of a list is in the next run.
aclnnStatus aclSetRawTensorAddr(aclTensor *tensor, void *addr)
  host client addr:device -- Where a tensor is.
aclnnStatus aclGetRawTensorAddr(const aclTensor *tensor, void **addr)
  query client addr:device -- Where a tensor is.
aclnnStatus aclDumpOpTensors(const char *opType, const char *opName, aclTensor **tensors, size_t inputTensorNum, size_t outputTensorNum, aclrtStream stream)
  async:OTHER refused waits tensors:in -- Writes tensors of an operator to a file.
`,
  ),
  ...declared(
    'aclnn/aclnn_base.h',
    'libnnopbase.so',
    `
aclnnStatus aclnnInit(const char *configPath)
  host client configPath:nullable -- Readies the operators.
aclnnStatus aclnnFinalize()
  host client -- Ends the operators.
`,
  ),
]
