/*
 * Random numbers (aclrtRandomNumAsync): a counter-based generator, Philox 4x32 with 10 rounds (Salmon and others, 2011),
 * so that seed and offset give the same numbers again. They have the distributions that AscendCL names, not the very
 * numbers of its devices.
 */
#include <math.h>
#include <string.h>

#include "copy.h"
#include "engine.h"
#include "memory.h"

#define ROUNDS 10
#define MULTIPLIER_0 0xd2511f53u
#define MULTIPLIER_1 0xcd9e8d57u
#define WEYL_0 0x9e3779b9u
#define WEYL_1 0xbb67ae85u
/* Numbers of a truncated normal distribution lie within two standard deviations. */
#define TRUNCATED_AT 2.0

typedef struct {
  uint64_t seed, block;
  uint32_t words[4];
  uint32_t used;
} generator;

static void refill(generator *g) {
  uint32_t c[4] = {(uint32_t)g->block, (uint32_t)(g->block >> 32), 0, 0}, k[2] = {(uint32_t)g->seed, (uint32_t)(g->seed >> 32)};
  for (int i = 0; i < ROUNDS; i++) {
    uint64_t a = (uint64_t)MULTIPLIER_0 * c[0], b = (uint64_t)MULTIPLIER_1 * c[2];
    uint32_t next[4] = {(uint32_t)(b >> 32) ^ c[1] ^ k[0], (uint32_t)b, (uint32_t)(a >> 32) ^ c[3] ^ k[1], (uint32_t)a};
    memcpy(c, next, sizeof c);
    k[0] += WEYL_0;
    k[1] += WEYL_1;
  }
  memcpy(g->words, c, sizeof c);
  g->block++;
  g->used = 0;
}

static uint32_t word(generator *g) {
  if (g->used == 4) refill(g);
  return g->words[g->used++];
}

/* From 0, less than 1. */
static double fraction(generator *g) { return word(g) * (1.0 / 4294967296.0); }

static double normal(generator *g, bool truncated) {
  for (;;) {
    double radius = sqrt(-2 * log(1 - fraction(g))), angle = 2 * 3.14159265358979323846 * fraction(g), z = radius * cos(angle);
    if (!truncated || fabs(z) <= TRUNCATED_AT) return z;
  }
}

/* The bytes of a parameter, which may be an address of them. */
static void bytes_of(const aclrtRandomParaInfo *parameter, void *to, size_t bytes) {
  const void *from = parameter->valueOrAddr;
  uint64_t address;
  memcpy(&address, parameter->valueOrAddr, sizeof address);
  if (parameter->isAddr != 0) from = (const void *)(uintptr_t)address;
  memcpy(to, from, bytes);
}

static uint64_t whole(const aclrtRandomParaInfo *parameter) {
  uint64_t value = 0;
  bytes_of(parameter, &value, parameter->size < sizeof value ? parameter->size : sizeof value);
  return value;
}

static size_t size_of(int type) {
  switch (type) {
    case ACL_FLOAT16:
    case ACL_BF16:
      return 2;
    case ACL_FLOAT:
    case ACL_INT32:
    case ACL_UINT32:
      return 4;
    case ACL_INT64:
    case ACL_UINT64:
      return 8;
    default:
      return 0;
  }
}

static double number(const aclrtRandomParaInfo *parameter, int type) {
  uint64_t raw = 0;
  bytes_of(parameter, &raw, size_of(type));
  uint32_t wide = (uint32_t)raw << 16;
  float single;
  switch (type) {
    case ACL_FLOAT16:
      return (double)sim_aclFloat16ToFloat((aclFloat16)raw);
    case ACL_BF16:
      memcpy(&single, &wide, sizeof single);
      return (double)single;
    case ACL_FLOAT:
      memcpy(&single, &raw, sizeof single);
      return (double)single;
    case ACL_INT32:
      return (double)(int32_t)raw;
    case ACL_UINT32:
      return (double)(uint32_t)raw;
    case ACL_INT64:
      return (double)(int64_t)raw;
    default:
      return (double)raw;
  }
}

static void put(char *to, int type, double value) {
  float single = (float)value;
  uint32_t bits;
  memcpy(&bits, &single, sizeof bits);
  uint16_t half = type == ACL_FLOAT16 ? sim_aclFloatToFloat16(single) : (uint16_t)(bits >> 16); /* cut: never past the upper end */
  int64_t integer = value < 0 ? (int64_t)floor(value) : 0;
  uint64_t raw = value < 0 ? (uint64_t)integer : (uint64_t)value;
  if (size_of(type) == 2) memcpy(to, &half, sizeof half);
  else if (type == ACL_FLOAT) memcpy(to, &single, sizeof single);
  else memcpy(to, &raw, size_of(type)); /* little-endian: its low bytes */
}

static void move_random(const sim_task *task) {
  aclrtRandomNumTaskInfo info;
  memcpy(&info, task->inline_args, sizeof info);
  generator g = {.seed = whole(&info.randomSeed), .used = 4};
  memcpy(&g.block, info.randomCounterAddr, sizeof g.block);
  uint64_t count = whole(&info.randomNum);
  const aclrtRandomNumFuncParaInfo *function = &info.randomNumFuncParaInfo;
  int type = (int)info.dataType;
  char *to = info.randomResultAddr;
  if (function->funcType == ACL_RT_RANDOM_NUM_FUNC_TYPE_DROPOUT_BITMASK) {
    double dropped = number(&function->paramInfo.dropoutBitmaskInfo.dropoutRation, type);
    memset(to, 0, (count + 7) / 8);
    for (uint64_t i = 0; i < count; i++) to[i / 8] |= (char)((fraction(&g) >= dropped) << i % 8);
    return;
  }
  bool uniform = function->funcType == ACL_RT_RANDOM_NUM_FUNC_TYPE_UNIFORM_DIS;
  bool truncated = function->funcType == ACL_RT_RANDOM_NUM_FUNC_TYPE_TRUNCATED_NORMAL_DIS;
  double a = number(uniform ? &function->paramInfo.uniformDisInfo.min : &function->paramInfo.normalDisInfo.mean, type);
  double b = number(uniform ? &function->paramInfo.uniformDisInfo.max : &function->paramInfo.normalDisInfo.stddev, type);
  for (uint64_t i = 0; i < count; i++) {
    put(to + i * size_of(type), type, uniform ? a + (b - a) * fraction(&g) : a + b * normal(&g, truncated));
  }
}

static aclError check_parameter(const aclrtRandomParaInfo *parameter, size_t bytes) {
  if (parameter->isAddr == 0) return ACL_SUCCESS;
  uint64_t address;
  memcpy(&address, parameter->valueOrAddr, sizeof address);
  if (sim_memory_place((const void *)(uintptr_t)address, bytes) == SIM_PLACE_DEVICE) return ACL_SUCCESS;
  return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "a parameter is to be at 0x%llx, which is no device memory", (unsigned long long)address);
}

aclError sim_aclrtRandomNumAsync(const aclrtRandomNumTaskInfo *info, const aclrtStream stream, void *reserve) {
  if (reserve != NULL) return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "reserve has to be NULL");
  const aclrtRandomNumFuncParaInfo *function = &info->randomNumFuncParaInfo;
  size_t size = size_of((int)info->dataType);
  if (size == 0) return sim_fail(ACL_ERROR_INVALID_PARAM, "random numbers of data type %d are not known", (int)info->dataType);
  if ((int)function->funcType < ACL_RT_RANDOM_NUM_FUNC_TYPE_DROPOUT_BITMASK || (int)function->funcType > ACL_RT_RANDOM_NUM_FUNC_TYPE_TRUNCATED_NORMAL_DIS) {
    return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "distribution %d is not known", (int)function->funcType);
  }
  if (info->randomParaAddr != NULL) return sim_fail(ACL_ERROR_RT_FEATURE_NOT_SUPPORT, "memory for the parameters is not simulated");
  if (info->randomNum.isAddr != 0) return sim_fail(ACL_ERROR_RT_FEATURE_NOT_SUPPORT, "a number of numbers in device memory is not simulated");
  bool mask = function->funcType == ACL_RT_RANDOM_NUM_FUNC_TYPE_DROPOUT_BITMASK;
  aclError error = check_parameter(&info->randomSeed, sizeof(uint64_t));
  if (error == ACL_SUCCESS) error = check_parameter(&function->paramInfo.uniformDisInfo.min, size); /* the first of every distribution */
  if (error == ACL_SUCCESS && !mask) error = check_parameter(&function->paramInfo.uniformDisInfo.max, size);
  if (error != ACL_SUCCESS) return error;
  uint64_t count = whole(&info->randomNum);
  if (count == 0 || count > SIZE_MAX / 16) return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "%llu random numbers", (unsigned long long)count);
  uint64_t bytes = mask ? (count + 7) / 8 : count * size;
  if (sim_memory_place(info->randomResultAddr, bytes) != SIM_PLACE_DEVICE || sim_memory_place(info->randomCounterAddr, sizeof(uint64_t)) != SIM_PLACE_DEVICE) {
    return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "results or counter are no device memory");
  }
  if (__builtin_expect(sim_null_mode, 0)) return ACL_SUCCESS;
  sim_engine_lock();
  sim_task *task = sim_task_take(SIM_TASK_COPY);
  if (task != NULL) {
    task->u.copy.move = move_random;
    task->u.copy.bytes = bytes;
    task->u.copy.direction = SIM_ON_DEVICE;
    memcpy(task->inline_args, info, sizeof *info);
  }
  error = sim_copy_submit(stream, task, false);
  sim_engine_unlock();
  return error;
}
