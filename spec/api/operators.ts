/** Operators called by name, their compiler, and linear algebra. */
import { declared } from '../prototype.ts'
import type { ApiDraft } from '../types.ts'

export const operatorsFunctions: ApiDraft[] = [
  ...declared(
    'acl/acl_op.h',
    'libacl_op_executor.so',
    `
aclError aclopSetModelDir(const char *modelDir)
  host refused -- Where compiled operators are.
aclError aclopLoad(const void *model, size_t modelSize)
  host refused model:bytes=modelSize -- Loads compiled operators.
aclopAttr *aclopCreateAttr()
  host client -- Room for attributes of an operator.
void aclopDestroyAttr(const aclopAttr *attr)
  host client -- Gives that room back.
aclError aclopSetAttrBool(aclopAttr *attr, const char *attrName, uint8_t attrValue)
  host client -- An attribute that is true or false.
aclError aclopSetAttrInt(aclopAttr *attr, const char *attrName, int64_t attrValue)
  host client -- An attribute that is a whole number.
aclError aclopSetAttrFloat(aclopAttr *attr, const char *attrName, float attrValue)
  host client -- An attribute that is a number.
aclError aclopSetAttrString(aclopAttr *attr, const char *attrName, const char *attrValue)
  host client -- An attribute that is text.
aclError aclopSetAttrDataType(aclopAttr *attr, const char *attrName, aclDataType attrValue)
  host client -- An attribute that is a type.
aclError aclopSetAttrListDataType(aclopAttr *attr, const char *attrName, int numValues, const aclDataType values[])
  host client -- A list of types.
aclError aclopSetAttrListBool(aclopAttr *attr, const char *attrName, int numValues, const uint8_t *values)
  host client -- A list of truths.
aclError aclopSetAttrListInt(aclopAttr *attr, const char *attrName, int numValues, const int64_t *values)
  host client -- A list of whole numbers.
aclError aclopSetAttrListFloat(aclopAttr *attr, const char *attrName, int numValues, const float *values)
  host client -- A list of numbers.
aclError aclopSetAttrListString(aclopAttr *attr, const char *attrName, int numValues, const char **values)
  host client -- A list of texts.
aclError aclopSetAttrListListInt(aclopAttr *attr, const char *attrName, int numLists, const int *numValues, const int64_t * const values[])
  host client -- A list of lists of whole numbers.
aclError aclopExecute(const char *opType, int numInputs, const aclTensorDesc * const inputDesc[], const aclDataBuffer * const inputs[], int numOutputs, const aclTensorDesc * const outputDesc[], aclDataBuffer * const outputs[], const aclopAttr *attr, aclrtStream stream)
  async:KERNEL refused composite waits op.blocks=1u attr:nullable -- Runs an operator (older form).
aclError aclopExecuteV2(const char *opType, int numInputs, aclTensorDesc *inputDesc[], aclDataBuffer *inputs[], int numOutputs, aclTensorDesc *outputDesc[], aclDataBuffer *outputs[], aclopAttr *attr, aclrtStream stream)
  async:KERNEL refused composite waits op.blocks=1u attr:nullable -- Runs an operator.
aclError aclopCreateHandle(const char *opType, int numInputs, const aclTensorDesc * const inputDesc[], int numOutputs, const aclTensorDesc * const outputDesc[], const aclopAttr *opAttr, aclopHandle **handle)
  create refused opAttr:nullable -- An operator that runs often.
void aclopDestroyHandle(aclopHandle *handle)
  destroy refused -- Ends it.
aclError aclopExecWithHandle(aclopHandle *handle, int numInputs, const aclDataBuffer * const inputs[], int numOutputs, aclDataBuffer * const outputs[], aclrtStream stream)
  async:KERNEL refused composite waits op.blocks=1u -- Runs it.
aclError aclopCast(const aclTensorDesc *srcDesc, const aclDataBuffer *srcBuffer, const aclTensorDesc *dstDesc, aclDataBuffer *dstBuffer, uint8_t truncate, aclrtStream stream)
  async:KERNEL refused composite waits op.blocks=1u -- Converts a tensor to another type.
aclError aclopCreateHandleForCast(aclTensorDesc *srcDesc, aclTensorDesc *dstDesc, uint8_t truncate, aclopHandle **handle)
  create refused srcDesc:in dstDesc:in -- A conversion that runs often.
aclError aclopCreateKernel(const char *opType, const char *kernelId, const char *kernelName, void *binData, int binSize, aclopEngineType enginetype, aclDataDeallocator deallocator)
  host refused binData:bytes=(size_t)binSize -- Registers a kernel of an operator.
aclError aclopRegisterCompileFunc(const char *opType, aclopCompileFunc func)
  host refused -- Chooses the kernel of an operator.
aclError aclopUnregisterCompileFunc(const char *opType)
  host refused -- Lets that choice go.
aclError aclopSetKernelArgs(aclopKernelDesc *kernelDesc, const char *kernelId, uint32_t blockDim, const void *args, uint32_t argSize)
  host refused args:bytes=argSize -- Arguments of a chosen kernel.
aclError aclopSetKernelWorkspaceSizes(aclopKernelDesc *kernelDesc, int numWorkspaces, size_t *workspaceSizes)
  host refused workspaceSizes:in -- Memory that a chosen kernel works in.
aclError aclopUpdateParams(const char *opType, int numInputs, const aclTensorDesc * const inputDesc[], int numOutputs, const aclTensorDesc * const outputDesc[], const aclopAttr *attr)
  host refused attr:nullable -- Chooses the kernel of an operator anew.
aclError aclopSetMaxOpQueueNum(uint64_t maxOpNum)
  host refused -- How many compiled operators are kept.
aclError aclopInferShape(const char *opType, int numInputs, aclTensorDesc *inputDesc[], aclDataBuffer *inputs[], int numOutputs, aclTensorDesc *outputDesc[], aclopAttr *attr)
  query refused attr:nullable,in -- Shapes of the outputs of an operator.
`,
  ),
  ...declared(
    'acl/acl_dump.h',
    'libacl_op_executor.so',
    `
aclError aclopStartDumpArgs(uint32_t dumpType, const char *path)
  host refused -- Begins to write the arguments of operators to files.
aclError aclopStopDumpArgs(uint32_t dumpType)
  host refused -- Ends that.
`,
  ),
  ...declared(
    'acl/acl_op_compiler.h',
    'libacl_op_compiler.so',
    `
aclError aclopCompile(const char *opType, int numInputs, const aclTensorDesc * const inputDesc[], int numOutputs, const aclTensorDesc * const outputDesc[], const aclopAttr *attr, aclopEngineType engineType, aclopCompileType compileFlag, const char *opPath)
  host refused attr:nullable opPath:nullable -- Compiles an operator.
aclError aclopCompileAndExecute(const char *opType, int numInputs, const aclTensorDesc * const inputDesc[], const aclDataBuffer * const inputs[], int numOutputs, const aclTensorDesc * const outputDesc[], aclDataBuffer * const outputs[], const aclopAttr *attr, aclopEngineType engineType, aclopCompileType compileFlag, const char *opPath, aclrtStream stream)
  async:KERNEL refused composite waits op.blocks=1u attr:nullable opPath:nullable -- Compiles an operator and runs it (older form).
aclError aclopCompileAndExecuteV2(const char *opType, int numInputs, aclTensorDesc *inputDesc[], aclDataBuffer *inputs[], int numOutputs, aclTensorDesc *outputDesc[], aclDataBuffer *outputs[], aclopAttr *attr, aclopEngineType engineType, aclopCompileType compileFlag, const char *opPath, aclrtStream stream)
  async:KERNEL refused composite waits op.blocks=1u attr:nullable opPath:nullable -- Compiles an operator and runs it.
aclError aclSetCompileopt(aclCompileOpt opt, const char *value)
  host refused -- A setting of the compiler.
size_t aclGetCompileoptSize(aclCompileOpt opt)
  query client -- Bytes of a setting of the compiler.
aclError aclGetCompileopt(aclCompileOpt opt, char *value, size_t length)
  query client value:bytes=length -- A setting of the compiler.
aclError aclopSetCompileFlag(aclOpCompileFlag flag)
  host refused -- Whether operators are compiled for any shape.
aclError aclGenGraphAndDumpForOp(const char *opType, int numInputs, const aclTensorDesc * const inputDesc[], const aclDataBuffer * const inputs[], int numOutputs, const aclTensorDesc * const outputDesc[], aclDataBuffer * const outputs[], const aclopAttr *attr, aclopEngineType engineType, const char *graphDumpPath, const aclGraphDumpOption *graphDumpOpt)
  host refused attr:nullable graphDumpOpt:nullable -- Writes the graph of an operator to a file.
aclGraphDumpOption *aclCreateGraphDumpOpt()
  host client -- Settings of such a file.
aclError aclDestroyGraphDumpOpt(const aclGraphDumpOption *graphDumpOpt)
  host client -- Gives the settings back.
`,
  ),
  ...declared(
    'acl/ops/acl_cblas.h',
    'libacl_cblas.so',
    `
aclError aclblasGemvEx(aclTransType transA, int m, int n, const void *alpha, const void *a, int lda, aclDataType dataTypeA, const void *x, int incx, aclDataType dataTypeX, const void *beta, void *y, int incy, aclDataType dataTypeY, aclComputeType type, aclrtStream stream)
  async:KERNEL refused composite waits op.blocks=1u -- Matrix by vector.
aclError aclblasCreateHandleForGemvEx(aclTransType transA, int m, int n, aclDataType dataTypeA, aclDataType dataTypeX, aclDataType dataTypeY, aclComputeType type, aclopHandle **handle)
  create refused -- Matrix by vector, run often.
aclError aclblasHgemv(aclTransType transA, int m, int n, const aclFloat16 *alpha, const aclFloat16 *a, int lda, const aclFloat16 *x, int incx, const aclFloat16 *beta, aclFloat16 *y, int incy, aclComputeType type, aclrtStream stream)
  async:KERNEL refused composite waits op.blocks=1u -- Matrix by vector, 16-bit floats.
aclError aclblasCreateHandleForHgemv(aclTransType transA, int m, int n, aclComputeType type, aclopHandle **handle)
  create refused -- The same, run often.
aclError aclblasS8gemv(aclTransType transA, int m, int n, const int32_t *alpha, const int8_t *a, int lda, const int8_t *x, int incx, const int32_t *beta, int32_t *y, int incy, aclComputeType type, aclrtStream stream)
  async:KERNEL refused composite waits op.blocks=1u -- Matrix by vector, 8-bit integers.
aclError aclblasCreateHandleForS8gemv(aclTransType transA, int m, int n, aclComputeType type, aclopHandle **handle)
  create refused -- The same, run often.
aclError aclblasGemmEx(aclTransType transA, aclTransType transB, aclTransType transC, int m, int n, int k, const void *alpha, const void *matrixA, int lda, aclDataType dataTypeA, const void *matrixB, int ldb, aclDataType dataTypeB, const void *beta, void *matrixC, int ldc, aclDataType dataTypeC, aclComputeType type, aclrtStream stream)
  async:KERNEL refused composite waits op.blocks=1u -- Matrix by matrix.
aclError aclblasCreateHandleForGemmEx(aclTransType transA, aclTransType transB, aclTransType transC, int m, int n, int k, aclDataType dataTypeA, aclDataType dataTypeB, aclDataType dataTypeC, aclComputeType type, aclopHandle **handle)
  create refused -- Matrix by matrix, run often.
aclError aclblasHgemm(aclTransType transA, aclTransType transB, aclTransType transC, int m, int n, int k, const aclFloat16 *alpha, const aclFloat16 *matrixA, int lda, const aclFloat16 *matrixB, int ldb, const aclFloat16 *beta, aclFloat16 *matrixC, int ldc, aclComputeType type, aclrtStream stream)
  async:KERNEL refused composite waits op.blocks=1u -- Matrix by matrix, 16-bit floats.
aclError aclblasCreateHandleForHgemm(aclTransType transA, aclTransType transB, aclTransType transC, int m, int n, int k, aclComputeType type, aclopHandle **handle)
  create refused -- The same, run often.
aclError aclblasS8gemm(aclTransType transA, aclTransType transB, aclTransType transC, int m, int n, int k, const int32_t *alpha, const int8_t *matrixA, int lda, const int8_t *matrixB, int ldb, const int32_t *beta, int32_t *matrixC, int ldc, aclComputeType type, aclrtStream stream)
  async:KERNEL refused composite waits op.blocks=1u -- Matrix by matrix, 8-bit integers.
aclError aclblasCreateHandleForS8gemm(aclTransType transA, aclTransType transB, aclTransType transC, int m, int n, int k, aclComputeType type, aclopHandle **handle)
  create refused -- The same, run often.
`,
  ),
]
