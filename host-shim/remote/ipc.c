/*
 * Sharing between processes. Under a daemon, handles and keys would have to be the daemon's own; until they are, each of
 * these says that it is not supported, as AscendCL does of what a device cannot do.
 */
#include "remote/error.h"
#include "remote_client.h"

static aclError not_yet(const char *name) {
  return fx_remote_fail(ACL_ERROR_RT_FEATURE_NOT_SUPPORT, "%s is not supported under a FlexNPU daemon", name);
}

aclError fx_remote_aclrtDeviceGetBareTgid(int32_t *pid) {
  (void)pid;
  return not_yet("aclrtDeviceGetBareTgid");
}

aclError fx_remote_aclrtIpcGetEventHandle(aclrtEvent event, aclrtIpcEventHandle *handle) {
  (void)event;
  (void)handle;
  return not_yet("aclrtIpcGetEventHandle");
}

aclError fx_remote_aclrtIpcOpenEventHandle(aclrtIpcEventHandle handle, aclrtEvent *event) {
  (void)handle;
  (void)event;
  return not_yet("aclrtIpcOpenEventHandle");
}

aclError fx_remote_aclrtIpcMemGetExportKey(void *devPtr, size_t size, char *key, size_t len, uint64_t flags) {
  (void)devPtr;
  (void)size;
  (void)key;
  (void)len;
  (void)flags;
  return not_yet("aclrtIpcMemGetExportKey");
}

aclError fx_remote_aclrtIpcMemSetImportPid(const char *key, int32_t *pid, size_t num) {
  (void)key;
  (void)pid;
  (void)num;
  return not_yet("aclrtIpcMemSetImportPid");
}

aclError fx_remote_aclrtIpcMemImportByKey(void **devPtr, const char *key, uint64_t flags) {
  (void)devPtr;
  (void)key;
  (void)flags;
  return not_yet("aclrtIpcMemImportByKey");
}

aclError fx_remote_aclrtIpcMemClose(const char *key) {
  (void)key;
  return not_yet("aclrtIpcMemClose");
}

aclError fx_remote_aclrtMemExportToShareableHandle(aclrtDrvMemHandle handle, aclrtMemHandleType handleType, uint64_t flags, uint64_t *shareableHandle) {
  (void)handle;
  (void)handleType;
  (void)flags;
  (void)shareableHandle;
  return not_yet("aclrtMemExportToShareableHandle");
}

aclError fx_remote_aclrtMemSetPidToShareableHandle(uint64_t shareableHandle, int32_t *pid, size_t pidNum) {
  (void)shareableHandle;
  (void)pid;
  (void)pidNum;
  return not_yet("aclrtMemSetPidToShareableHandle");
}

aclError fx_remote_aclrtMemImportFromShareableHandle(uint64_t shareableHandle, int32_t deviceId, aclrtDrvMemHandle *handle) {
  (void)shareableHandle;
  (void)deviceId;
  (void)handle;
  return not_yet("aclrtMemImportFromShareableHandle");
}
