/*
 * Memory that kernels have for their stacks and for what they print. No kernel of a simulator needs it: what a program
 * sets is rounded as CANN rounds it, kept for the whole process, and told.
 */
#include "engine.h"

#define LEAST_STACK_BYTES (32u << 10)
#define STACK_STEP (16u << 10)
#define LEAST_PRINT_BYTES 1024u
#define MOST_PRINT_BYTES (64u << 20)
#define PRINT_STEP 8u

static uint32_t stack_bytes = LEAST_STACK_BYTES, print_bytes = 32u << 10;

/* The limit's place; NULL where there is none, with the error. */
static uint32_t *place_of(aclrtDeviceLimit limit, aclError *error) {
  *error = ACL_SUCCESS;
  switch ((int)limit) {
    case ACL_RT_DEV_LIMIT_SIMD_STACK_SIZE:
      return &stack_bytes;
    case ACL_RT_DEV_LIMIT_SIMD_PRINTF_FIFO_SIZE_PER_CORE:
      return &print_bytes;
    case ACL_RT_DEV_LIMIT_SIMT_STACK_SIZE:
    case ACL_RT_DEV_LIMIT_SIMT_DVG_WARP_STACK_SIZE:
    case ACL_RT_DEV_LIMIT_SIMT_PRINTF_FIFO_SIZE:
      *error = sim_fail(ACL_ERROR_RT_FEATURE_NOT_SUPPORT, "limit %d is of later chips", (int)limit);
      return NULL;
    default:
      *error = sim_fail(ACL_ERROR_INVALID_PARAM, "limit %d is not known", (int)limit);
      return NULL;
  }
}

static uint32_t round_up(uint64_t value, uint32_t step) { return (uint32_t)((value + step - 1) / step * step); }

aclError sim_aclrtDeviceSetLimit(aclrtDeviceLimit limit, size_t value) {
  aclError error;
  uint32_t *place = place_of(limit, &error);
  if (error == ACL_ERROR_INVALID_PARAM) return error;
  if (value > UINT32_MAX) return sim_fail(ACL_ERROR_INVALID_PARAM, "%zu bytes: expected up to %u", value, UINT32_MAX);
  if (place == NULL) return error;
  bool prints = place == &print_bytes;
  if (prints && (value < LEAST_PRINT_BYTES || value > MOST_PRINT_BYTES)) {
    return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "%zu bytes: expected %u to %u", value, LEAST_PRINT_BYTES, MOST_PRINT_BYTES);
  }
  /* A stack smaller than the least is no error and changes nothing. */
  if (prints || value > LEAST_STACK_BYTES) __atomic_store_n(place, round_up(value, prints ? PRINT_STEP : STACK_STEP), __ATOMIC_RELAXED);
  return ACL_SUCCESS;
}

aclError sim_aclrtDeviceGetLimit(aclrtDeviceLimit limit, size_t *value) {
  aclError error;
  const uint32_t *place = place_of(limit, &error);
  if (place != NULL) *value = __atomic_load_n(place, __ATOMIC_RELAXED);
  return error;
}
