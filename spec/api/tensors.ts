/** Descriptions of tensors and data, small conversions: all on the host. */
import { declared } from '../prototype.ts'
import type { ApiDraft } from '../types.ts'

export const tensorsFunctions: ApiDraft[] = [
  ...declared(
    'acl/acl_base_rt.h',
    'libacl_rt.so',
    `
float aclFloat16ToFloat(aclFloat16 value)
  query client -- A number of 16 bits as one of 32.
aclFloat16 aclFloatToFloat16(float value)
  query client -- A number of 32 bits as one of 16.
aclDataBuffer *aclCreateDataBuffer(void *data, size_t size)
  host client -- Describes a piece of memory.
aclError aclDestroyDataBuffer(const aclDataBuffer *dataBuffer)
  host client -- Ends the description.
aclError aclUpdateDataBuffer(aclDataBuffer *dataBuffer, void *data, size_t size)
  host client -- Describes another piece of memory.
void *aclGetDataBufferAddr(const aclDataBuffer *dataBuffer)
  query client -- Address of the memory.
uint32_t aclGetDataBufferSize(const aclDataBuffer *dataBuffer)
  query client -- Bytes of the memory (older form).
size_t aclGetDataBufferSizeV2(const aclDataBuffer *dataBuffer)
  query client -- Bytes of the memory.
size_t aclDataTypeSize(aclDataType dataType)
  query client -- Bytes of a number of a type.
`,
  ),
  ...declared(
    'acl/acl_base_mdl.h',
    'libacl_mdl.so',
    `
aclTensorDesc *aclCreateTensorDesc(aclDataType dataType, int numDims, const int64_t *dims, aclFormat format)
  host client -- Describes a tensor.
void aclDestroyTensorDesc(const aclTensorDesc *desc)
  host client -- Ends the description.
aclError aclSetTensorShapeRange(aclTensorDesc *desc, size_t dimsCount, int64_t dimsRange[][2])
  host client -- Between what its shape may be.
aclError aclSetTensorValueRange(aclTensorDesc *desc, size_t valueCount, int64_t valueRange[][2])
  host client -- Between what its values may be.
aclDataType aclGetTensorDescType(const aclTensorDesc *desc)
  query client -- Type of its numbers.
aclFormat aclGetTensorDescFormat(const aclTensorDesc *desc)
  query client -- Format.
size_t aclGetTensorDescSize(const aclTensorDesc *desc)
  query client -- Bytes.
size_t aclGetTensorDescElementCount(const aclTensorDesc *desc)
  query client -- Numbers in it.
size_t aclGetTensorDescNumDims(const aclTensorDesc *desc)
  query client -- Dimensions.
int64_t aclGetTensorDescDim(const aclTensorDesc *desc, size_t index)
  query client -- One dimension (older form).
aclError aclGetTensorDescDimV2(const aclTensorDesc *desc, size_t index, int64_t *dimSize)
  query client -- One dimension.
aclError aclGetTensorDescDimRange(const aclTensorDesc *desc, size_t index, size_t dimRangeNum, int64_t *dimRange)
  query client -- Between what one dimension may be.
void aclSetTensorDescName(aclTensorDesc *desc, const char *name)
  host client -- Names a tensor.
const char *aclGetTensorDescName(aclTensorDesc *desc)
  query client -- Its name.
aclError aclTransTensorDescFormat(const aclTensorDesc *srcDesc, aclFormat dstFormat, aclTensorDesc **dstDesc)
  host client -- The same tensor in another format.
aclError aclSetTensorStorageFormat(aclTensorDesc *desc, aclFormat format)
  host client desc:nullable -- Format in memory (older form).
aclError aclSetTensorStorageShape(aclTensorDesc *desc, int numDims, const int64_t *dims)
  host client dims:nullable -- Shape in memory (older form).
aclError aclSetTensorFormat(aclTensorDesc *desc, aclFormat format)
  host client desc:nullable -- Format in memory.
aclError aclSetTensorShape(aclTensorDesc *desc, int numDims, const int64_t *dims)
  host client dims:nullable -- Shape in memory.
aclError aclSetTensorOriginFormat(aclTensorDesc *desc, aclFormat format)
  host client desc:nullable -- Format as the model has it.
aclError aclSetTensorOriginShape(aclTensorDesc *desc, int numDims, const int64_t *dims)
  host client dims:nullable -- Shape as the model has it.
aclTensorDesc *aclGetTensorDescByIndex(aclTensorDesc *desc, size_t index)
  query client -- A tensor of a list.
void *aclGetTensorDescAddress(const aclTensorDesc *desc)
  query client -- Address of its data.
aclError aclSetTensorDynamicInput(aclTensorDesc *desc, const char *dynamicInputName)
  host client -- It is an input of a list of inputs.
aclError aclSetTensorConst(aclTensorDesc *desc, void *dataBuffer, size_t length)
  host client -- It is a constant.
aclError aclSetTensorPlaceMent(aclTensorDesc *desc, aclMemType memType)
  host client -- Where its data is.
`,
  ),
]
