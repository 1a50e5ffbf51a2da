/* Random numbers: which memory a task of them reads and writes, before the real library does. */
#include "executor/remote.h"

static size_t size_of(aclDataType type) {
  switch (type) {
    case ACL_FLOAT16:
    case ACL_BF16: return 2;
    case ACL_FLOAT:
    case ACL_INT32:
    case ACL_UINT32: return 4;
    case ACL_INT64:
    case ACL_UINT64: return 8;
    default: return 0;
  }
}

static uint64_t word(const aclrtRandomParaInfo *parameter) {
  uint64_t value = 0;
  memcpy(&value, parameter->valueOrAddr, sizeof value);
  return value;
}

/* A value, or where it is on the device. */
static bool may_read(fxd_client *c, const aclrtRandomParaInfo *parameter, size_t bytes) {
  return parameter->isAddr == 0 || fxd_holds(c, (const void *)(uintptr_t)word(parameter), bytes);
}

aclError fxd_random_address(fxd_client *c, const aclrtRandomNumTaskInfo *task) {
  aclrtRandomNumTaskInfo info;
  memcpy(&info, task, sizeof info);
  const aclrtRandomNumFuncParaInfo *function = &info.randomNumFuncParaInfo;
  size_t size = size_of(info.dataType);
  if (size == 0) return ACL_ERROR_INVALID_PARAM;
  /* How much is written is to be known here. */
  if (info.randomParaAddr != NULL || info.randomNum.isAddr != 0) return ACL_ERROR_RT_FEATURE_NOT_SUPPORT;
  bool mask = function->funcType == ACL_RT_RANDOM_NUM_FUNC_TYPE_DROPOUT_BITMASK;
  uint64_t count = word(&info.randomNum);
  if (info.randomNum.size < sizeof count) count &= (1ull << (8 * info.randomNum.size)) - 1;
  if (count == 0 || count > UINT64_MAX / 16) return ACL_ERROR_RT_PARAM_INVALID;
  uint64_t bytes = mask ? (count + 7) / 8 : count * size;
  /* Each distribution has one parameter or two of the same shape. */
  bool reads = may_read(c, &info.randomSeed, sizeof count) && may_read(c, &function->paramInfo.uniformDisInfo.min, size) &&
               (mask || may_read(c, &function->paramInfo.uniformDisInfo.max, size));
  bool writes = fxd_holds(c, info.randomResultAddr, bytes) && fxd_holds(c, info.randomCounterAddr, 2 * sizeof(uint64_t));
  return reads && writes ? ACL_SUCCESS : ACL_ERROR_RT_PARAM_INVALID;
}
