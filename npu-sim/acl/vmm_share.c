/*
 * Physical memory for other processes by handles of a chosen kind. Those of one server are the numbers that
 * aclrtMemExportToShareableHandle gives; for those of several servers CANN wants an A3, which no simulated chip is.
 */
#include "sim.h"

static aclError check(aclrtMemSharedHandleType type) {
  if (type == ACL_MEM_SHARE_HANDLE_TYPE_DEFAULT) return ACL_SUCCESS;
  if (type == ACL_MEM_SHARE_HANDLE_TYPE_FABRIC) return sim_fail(ACL_ERROR_RT_FEATURE_NOT_SUPPORT, "handles between servers are not simulated");
  return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "shareable handles of kind %d are not known", (int)type);
}

aclError sim_aclrtMemExportToShareableHandleV2(aclrtDrvMemHandle handle, uint64_t flags, aclrtMemSharedHandleType type, void *shareable) {
  aclError error = check(type);
  return error == ACL_SUCCESS ? sim_aclrtMemExportToShareableHandle(handle, ACL_MEM_HANDLE_TYPE_NONE, flags, shareable) : error;
}

aclError sim_aclrtMemSetPidToShareableHandleV2(void *shareable, aclrtMemSharedHandleType type, int32_t *pids, size_t count) {
  aclError error = check(type);
  return error == ACL_SUCCESS ? sim_aclrtMemSetPidToShareableHandle(*(const uint64_t *)shareable, pids, count) : error;
}

aclError sim_aclrtMemImportFromShareableHandleV2(void *shareable, aclrtMemSharedHandleType type, uint64_t flags, aclrtDrvMemHandle *handle) {
  aclError error = check(type);
  const sim_context *context = sim_current();
  if (error != ACL_SUCCESS) return error;
  if (flags != 0) return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "flags %llu: expected 0", (unsigned long long)flags);
  if (context == NULL) return ACL_ERROR_RT_CONTEXT_NULL;
  return sim_aclrtMemImportFromShareableHandle(*(const uint64_t *)shareable, (int32_t)context->device->index, handle);
}
