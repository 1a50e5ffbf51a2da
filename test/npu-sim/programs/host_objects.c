/*
 * Objects of the host: data buffers, descriptions of tensors, numbers of 16 bits, and what is not simulated. They need
 * neither aclInit nor a device.
 */
#include "check.h"

#include <math.h>

#include "acl/acl_tdt.h"

static void numbers_of_16_bits(void) {
  for (uint32_t bits = 0; bits < 0x10000u; bits++) {
    aclFloat16 half = (aclFloat16)bits;
    float value = aclFloat16ToFloat(half);
    if ((bits & 0x7c00u) == 0x7c00u && (bits & 0x3ffu) != 0) CHECK(isnan(value) && isnan(aclFloat16ToFloat(aclFloatToFloat16(value))));
    else CHECK(aclFloatToFloat16(value) == half);
  }
  CHECK(aclFloat16ToFloat(0x3c00) == 1.0f && aclFloat16ToFloat(0xc000) == -2.0f);
  CHECK(aclFloat16ToFloat(0x0001) == 0x1p-24f && aclFloat16ToFloat(0x7bff) == 65504.0f && isinf(aclFloat16ToFloat(0x7c00)));
  /* Between two neighbours it is the nearer one, and halfway the even one. */
  for (uint32_t bits = 0; bits < 0x7bffu; bits++) {
    float low = aclFloat16ToFloat((aclFloat16)bits), high = aclFloat16ToFloat((aclFloat16)(bits + 1));
    float middle = low + (high - low) / 2;
    CHECK(aclFloatToFloat16(middle) == (bits & 1u ? bits + 1 : bits));
    CHECK(aclFloatToFloat16(nextafterf(middle, low)) == bits && aclFloatToFloat16(nextafterf(middle, high)) == bits + 1);
  }
  CHECK(aclFloatToFloat16(65519.996f) == 0x7bff && aclFloatToFloat16(65520.0f) == 0x7c00 && aclFloatToFloat16(-1e30f) == 0xfc00);
  printf("ok numbers of 16 bits\n");
}

static void buffers(void) {
  int memory[4];
  aclDataBuffer *buffer = aclCreateDataBuffer(memory, sizeof memory);
  CHECK(aclGetDataBufferAddr(buffer) == memory && aclGetDataBufferSizeV2(buffer) == sizeof memory);
  OK(aclUpdateDataBuffer(buffer, memory + 1, 4));
  CHECK(aclGetDataBufferAddr(buffer) == memory + 1 && aclGetDataBufferSize(buffer) == 4);
  OK(aclDestroyDataBuffer(buffer));
  EXPECT(ACL_ERROR_INVALID_PARAM, aclDestroyDataBuffer(NULL));
  CHECK(aclGetDataBufferAddr(NULL) == NULL && aclGetDataBufferSizeV2(NULL) == 0);
  CHECK(aclDataTypeSize(ACL_FLOAT) == 4 && aclDataTypeSize(ACL_BF16) == 2 && aclDataTypeSize(ACL_COMPLEX128) == 16);
  CHECK(aclDataTypeSize(ACL_DT_UNDEFINED) == 0 && aclDataTypeSize(ACL_STRING) == 0 && aclDataTypeSize(ACL_INT4) == 1);
  printf("ok data buffers\n");
}

static void tensors(void) {
  const int64_t dims[] = {2, 3, 5};
  aclTensorDesc *desc = aclCreateTensorDesc(ACL_FLOAT16, 3, dims, ACL_FORMAT_ND);
  CHECK(desc != NULL && aclGetTensorDescType(desc) == ACL_FLOAT16 && aclGetTensorDescFormat(desc) == ACL_FORMAT_ND);
  CHECK(aclGetTensorDescNumDims(desc) == 3 && aclGetTensorDescElementCount(desc) == 30 && aclGetTensorDescSize(desc) == 60);
  int64_t size = 0;
  OK(aclGetTensorDescDimV2(desc, 2, &size));
  CHECK(size == 5 && aclGetTensorDescDim(desc, 1) == 3 && aclGetTensorDescDim(desc, 3) == -1);
  EXPECT(ACL_ERROR_INVALID_PARAM, aclGetTensorDescDimV2(desc, 3, &size));
  CHECK(strcmp(aclGetTensorDescName(desc), "") == 0);
  aclSetTensorDescName(desc, "query");
  CHECK(strcmp(aclGetTensorDescName(desc), "query") == 0);
  int64_t ranges[3][2] = {{1, 2}, {3, 4}, {5, 6}}, range[2];
  EXPECT(ACL_ERROR_INVALID_PARAM, aclGetTensorDescDimRange(desc, 0, 2, range));
  OK(aclSetTensorShapeRange(desc, 3, ranges));
  OK(aclGetTensorDescDimRange(desc, 1, 2, range));
  CHECK(range[0] == 3 && range[1] == 4);
  EXPECT(ACL_ERROR_INVALID_PARAM, aclGetTensorDescDimRange(desc, 1, 1, range));
  const int64_t other[] = {7, -1};
  OK(aclSetTensorShape(desc, 2, other)); /* in memory: the shape of the model stays */
  CHECK(aclGetTensorDescNumDims(desc) == 3);
  OK(aclSetTensorOriginShape(desc, 2, other));
  CHECK(aclGetTensorDescNumDims(desc) == 2 && aclGetTensorDescElementCount(desc) == 0); /* of an unknown size */
  OK(aclSetTensorOriginFormat(desc, ACL_FORMAT_NCHW));
  CHECK(aclGetTensorDescFormat(desc) == ACL_FORMAT_NCHW);
  OK(aclSetTensorConst(desc, ranges, sizeof ranges));
  EXPECT(ACL_ERROR_INVALID_PARAM, aclSetTensorConst(desc, ranges, 0));
  OK(aclSetTensorPlaceMent(desc, ACL_MEMTYPE_HOST));
  aclDestroyTensorDesc(desc);
  aclTensorDesc *scalar = aclCreateTensorDesc(ACL_INT64, 0, NULL, ACL_FORMAT_ND);
  CHECK(aclGetTensorDescElementCount(scalar) == 1 && aclGetTensorDescSize(scalar) == 8);
  aclDestroyTensorDesc(scalar);
  const int64_t unknown[] = {-2};
  aclTensorDesc *any = aclCreateTensorDesc(ACL_FLOAT, 1, unknown, ACL_FORMAT_ND);
  CHECK(aclGetTensorDescNumDims(any) == (size_t)ACL_UNKNOWN_RANK);
  aclDestroyTensorDesc(any);
  CHECK(aclCreateTensorDesc(ACL_FLOAT, -1, NULL, ACL_FORMAT_ND) == NULL && aclCreateTensorDesc(ACL_FLOAT, 1, NULL, ACL_FORMAT_ND) == NULL);
  aclDestroyTensorDesc(NULL);
  printf("ok tensors\n");
}

/* A function that is not simulated says so, and leaves the thread's last error as any other does. */
static void not_simulated(void) {
  EXPECT(ACL_ERROR_RT_FEATURE_NOT_SUPPORT, aclmdlUnload(1));
  CHECK(strstr(aclGetRecentErrMsg(), "aclmdlUnload") != NULL);
  EXPECT(ACL_ERROR_RT_FEATURE_NOT_SUPPORT, aclrtGetLastError(ACL_RT_THREAD_LEVEL));
  CHECK(acltdtCreateDataset() == NULL && aclmdlCreateDesc() == NULL);
  aclAppLog(ACL_INFO, __func__, __FILE__, __LINE__, "%d of %s", 1, "many");
  printf("ok not simulated\n");
}

int main(void) {
  numbers_of_16_bits();
  buffers();
  tensors();
  not_simulated();
  return 0;
}
