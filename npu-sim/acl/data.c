/* Descriptions of pieces of memory, sizes of types, and numbers of 16 bits: host objects, of no device. */
#include <stdlib.h>
#include <string.h>

#include "sim.h"

struct aclDataBuffer {
  void *data;
  size_t bytes;
};

aclDataBuffer *sim_aclCreateDataBuffer(void *data, size_t size) {
  aclDataBuffer *buffer = malloc(sizeof *buffer);
  if (buffer != NULL) *buffer = (aclDataBuffer){.data = data, .bytes = size};
  return buffer;
}

aclError sim_aclDestroyDataBuffer(const aclDataBuffer *buffer) {
  free((void *)(uintptr_t)buffer);
  return ACL_SUCCESS;
}

aclError sim_aclUpdateDataBuffer(aclDataBuffer *buffer, void *data, size_t size) {
  *buffer = (aclDataBuffer){.data = data, .bytes = size};
  return ACL_SUCCESS;
}

void *sim_aclGetDataBufferAddr(const aclDataBuffer *buffer) { return buffer != NULL ? buffer->data : NULL; }
uint32_t sim_aclGetDataBufferSize(const aclDataBuffer *buffer) { return buffer != NULL ? (uint32_t)buffer->bytes : 0; }
size_t sim_aclGetDataBufferSizeV2(const aclDataBuffer *buffer) { return buffer != NULL ? buffer->bytes : 0; }

/* As CANN counts: what it does not know takes 8, and a part of a byte takes one. */
size_t sim_aclDataTypeSize(aclDataType type) {
  switch (type) {
    case ACL_DT_UNDEFINED:
    case ACL_STRING: return 0;
    case ACL_BOOL:
    case ACL_INT8:
    case ACL_UINT8:
    case ACL_INT4:
    case ACL_UINT1:
    case ACL_HIFLOAT8:
    case ACL_FLOAT8_E5M2:
    case ACL_FLOAT8_E4M3FN:
    case ACL_FLOAT8_E8M0: return 1;
    case ACL_FLOAT16:
    case ACL_BF16:
    case ACL_INT16:
    case ACL_UINT16: return 2;
    case ACL_FLOAT:
    case ACL_INT32:
    case ACL_UINT32:
    case ACL_COMPLEX32: return 4;
    case ACL_COMPLEX128: return 16;
    default: return 8;
  }
}

/* IEEE 754 binary16: sign, 5 bits of exponent (bias 15), 10 of fraction. */
float sim_aclFloat16ToFloat(aclFloat16 value) {
  uint32_t sign = (uint32_t)(value & 0x8000u) << 16, exponent = (value >> 10) & 0x1fu, fraction = value & 0x3ffu;
  uint32_t bits;
  if (exponent == 0x1f) {
    bits = sign | 0x7f800000u | fraction << 13;
  } else if (exponent != 0) {
    bits = sign | (exponent + 112u) << 23 | fraction << 13;
  } else if (fraction == 0) {
    bits = sign;
  } else { /* subnormal: a leading one is shifted into its place */
    exponent = 113;
    while ((fraction & 0x400u) == 0) {
      fraction <<= 1;
      exponent--;
    }
    bits = sign | exponent << 23 | (fraction & 0x3ffu) << 13;
  }
  float number;
  memcpy(&number, &bits, sizeof number);
  return number;
}

/* Rounds to nearest, ties to even. */
aclFloat16 sim_aclFloatToFloat16(float value) {
  uint32_t bits;
  memcpy(&bits, &value, sizeof bits);
  uint32_t sign = bits >> 16 & 0x8000u, magnitude = bits & 0x7fffffffu;
  if (magnitude > 0x7f800000u) return (aclFloat16)(sign | 0x7e00u);     /* not a number */
  if (magnitude >= 0x477ff000u) return (aclFloat16)(sign | 0x7c00u);    /* from 65,520 on it is infinite */
  if (magnitude < 0x33000001u) return (aclFloat16)sign;                 /* up to half of the smallest number */
  uint32_t exponent = magnitude >> 23, fraction = magnitude & 0x7fffffu;
  uint32_t shift = 13, result = 0;
  if (exponent >= 113) {
    result = (exponent - 112u) << 10 | fraction >> 13;
  } else { /* subnormal */
    fraction |= 0x800000u;
    shift = 126u - exponent;
    result = fraction >> shift;
  }
  uint32_t rest = fraction & ((1u << shift) - 1u), half = 1u << (shift - 1u);
  if (rest > half || (rest == half && (result & 1u) != 0)) result++;
  return (aclFloat16)(sign | result);
}
