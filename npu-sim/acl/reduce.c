/* Sums, largest and smallest into device memory (aclrtReduceAsync). */
#include <math.h>
#include <string.h>

#include "copy.h"
#include "engine.h"
#include "memory.h"

/* A sum moves at most so much in one call, as CANN has it. */
#define MOST_SUM_BYTES 67108864u

typedef struct {
  void *to;
  const void *from;
  uint64_t bytes;
  int kind, type;
} reduction;

static float from_bf16(uint16_t bits) {
  uint32_t wide = (uint32_t)bits << 16;
  float value;
  memcpy(&value, &wide, sizeof value);
  return value;
}

static uint16_t to_bf16(float value) {
  uint32_t bits;
  memcpy(&bits, &value, sizeof bits);
  if (isnan(value)) return (uint16_t)(bits >> 16 | 0x40u);
  return (uint16_t)((bits + 0x7fffu + (bits >> 16 & 1u)) >> 16); /* to the nearest, ties to even */
}

#define COMBINE(kind, a, b)                              \
  ((kind) == ACL_RT_MEMCPY_SDMA_AUTOMATIC_SUM   ? (a) + (b) \
   : (kind) == ACL_RT_MEMCPY_SDMA_AUTOMATIC_MAX ? ((a) > (b) ? (a) : (b)) \
                                                : ((a) < (b) ? (a) : (b)))

/* Integers wrap, so they are added without sign. */
#define REDUCE_INTEGERS(signed_type, unsigned_type)                                                                   \
  for (uint64_t i = 0; i < r.bytes / sizeof(signed_type); i++) {                                                       \
    signed_type a, b, c;                                                                                                \
    memcpy(&a, (const char *)r.to + i * sizeof a, sizeof a);                                                            \
    memcpy(&b, (const char *)r.from + i * sizeof b, sizeof b);                                                          \
    if (r.kind == ACL_RT_MEMCPY_SDMA_AUTOMATIC_SUM) c = (signed_type)(unsigned_type)((unsigned_type)a + (unsigned_type)b); \
    else c = COMBINE(r.kind, a, b);                                                                                     \
    memcpy((char *)r.to + i * sizeof c, &c, sizeof c);                                                                  \
  }

#define REDUCE_FLOATS(bits_type, read, write)                       \
  for (uint64_t i = 0; i < r.bytes / sizeof(bits_type); i++) {       \
    bits_type a, b, c;                                                \
    memcpy(&a, (const char *)r.to + i * sizeof a, sizeof a);          \
    memcpy(&b, (const char *)r.from + i * sizeof b, sizeof b);        \
    float x = read(a), y = read(b);                                   \
    c = write(COMBINE(r.kind, x, y));                                 \
    memcpy((char *)r.to + i * sizeof c, &c, sizeof c);                \
  }

static float as_is(float value) { return value; }

static void move_reduced(const sim_task *task) {
  reduction r;
  memcpy(&r, task->inline_args, sizeof r);
  switch (r.type) {
    case ACL_FLOAT:
      REDUCE_FLOATS(float, as_is, as_is)
      break;
    case ACL_FLOAT16:
      REDUCE_FLOATS(uint16_t, sim_aclFloat16ToFloat, sim_aclFloatToFloat16)
      break;
    case ACL_BF16:
      REDUCE_FLOATS(uint16_t, from_bf16, to_bf16)
      break;
    case ACL_INT8:
      REDUCE_INTEGERS(int8_t, uint8_t)
      break;
    case ACL_INT16:
      REDUCE_INTEGERS(int16_t, uint16_t)
      break;
    default:
      REDUCE_INTEGERS(int32_t, uint32_t)
      break;
  }
}

static size_t size_of(int type) {
  switch (type) {
    case ACL_FLOAT:
    case ACL_INT32:
      return 4;
    case ACL_FLOAT16:
    case ACL_BF16:
    case ACL_INT16:
      return 2;
    case ACL_INT8:
      return 1;
    default:
      return 0;
  }
}

aclError sim_aclrtReduceAsync(void *to, const void *from, uint64_t bytes, aclrtReduceKind kind, aclDataType type, aclrtStream stream, void *reserve) {
  if (reserve != NULL) return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "reserve has to be NULL");
  if (kind < ACL_RT_MEMCPY_SDMA_AUTOMATIC_SUM || kind > ACL_RT_MEMCPY_SDMA_AUTOMATIC_EQUAL) return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "reduction %d is not known", (int)kind);
  if (kind == ACL_RT_MEMCPY_SDMA_AUTOMATIC_EQUAL) return sim_fail(ACL_ERROR_RT_FEATURE_NOT_SUPPORT, "reduction %d is not simulated", (int)kind);
  size_t size = size_of((int)type);
  if (size == 0) return sim_fail(ACL_ERROR_INVALID_PARAM, "data type %d cannot be reduced", (int)type);
  if (bytes == 0 || bytes % size != 0) return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "%llu bytes are no elements of %zu", (unsigned long long)bytes, size);
  if (kind == ACL_RT_MEMCPY_SDMA_AUTOMATIC_SUM && bytes > MOST_SUM_BYTES) return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "%llu bytes: expected up to %u", (unsigned long long)bytes, MOST_SUM_BYTES);
  if (sim_memory_place(to, bytes) != SIM_PLACE_DEVICE || sim_memory_place(from, bytes) != SIM_PLACE_DEVICE) {
    return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "%llu bytes at %p or %p are not all device memory", (unsigned long long)bytes, to, from);
  }
  if (__builtin_expect(sim_null_mode, 0)) return ACL_SUCCESS;
  reduction r = {to, from, bytes, (int)kind, (int)type};
  sim_engine_lock();
  sim_task *task = sim_task_take(SIM_TASK_COPY);
  if (task != NULL) {
    task->u.copy.move = move_reduced;
    task->u.copy.bytes = bytes;
    task->u.copy.direction = SIM_ON_DEVICE;
    memcpy(task->inline_args, &r, sizeof r);
  }
  aclError error = sim_copy_submit(stream, task, false);
  sim_engine_unlock();
  return error;
}
