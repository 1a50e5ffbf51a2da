/*
 * Sharing between processes: the daemon's clients share device memory by keys of the daemon's. Of events and of physical
 * memory each function says that it is not supported, as AscendCL does of what a device cannot do.
 */
#include <string.h>

#include "remote/call.h"
#include "remote/error.h"
#include "remote/memory.h"
#include "remote_client.h"

/* A key and its end (aclrtIpcMemGetExportKey). */
#define KEY_BYTES 65u

static aclError no_pointer(void) { return fx_remote_fail(ACL_ERROR_INVALID_PARAM, "a required pointer is NULL"); }

aclError fx_remote_aclrtDeviceGetBareTgid(int32_t *pid) {
  fx_call c;
  if (pid == NULL) return no_pointer();
  aclError error = fx_call_open(&c, FX_API_aclrtDeviceGetBareTgid, 0);
  if (error == ACL_SUCCESS) error = fx_call_answer(&c, FLEXNPU_NONE, FLEXNPU_NONE);
  if (error != ACL_SUCCESS) return error;
  *pid = (int32_t)fx_call_take(&c);
  return fx_call_close(&c);
}

aclError fx_remote_aclrtIpcMemGetExportKey(void *devPtr, size_t size, char *key, size_t len, uint64_t flags) {
  fx_call c;
  if (devPtr == NULL || key == NULL) return no_pointer();
  if (len < KEY_BYTES) return fx_remote_fail(ACL_ERROR_RT_PARAM_INVALID, "a key takes %u bytes, not %zu", KEY_BYTES, len);
  aclError error = fx_call_open(&c, FX_API_aclrtIpcMemGetExportKey, 24);
  if (error != ACL_SUCCESS) return error;
  fx_call_put(&c, (uint64_t)(uintptr_t)devPtr);
  fx_call_put(&c, size);
  fx_call_put(&c, flags);
  if ((error = fx_call_answer(&c, FLEXNPU_NONE, FLEXNPU_NONE)) != ACL_SUCCESS) return error;
  fx_call_take_bytes(&c, key, KEY_BYTES);
  return fx_call_close(&c);
}

/* Keys that are longer are none of ours. */
static aclError check_key(const char *key) {
  if (key == NULL) return no_pointer();
  if (strnlen(key, KEY_BYTES) < KEY_BYTES) return ACL_SUCCESS;
  return fx_remote_fail(ACL_ERROR_RT_PARAM_INVALID, "the key is of no memory of this daemon's");
}

aclError fx_remote_aclrtIpcMemSetImportPid(const char *key, int32_t *pid, size_t num) {
  fx_call c;
  aclError error = pid == NULL ? no_pointer() : check_key(key);
  if (error != ACL_SUCCESS) return error;
  if (num > 1024) return fx_remote_fail(ACL_ERROR_RT_PARAM_INVALID, "%zu processes are more than a key takes", num);
  size_t bytes = num * sizeof *pid;
  if ((error = fx_call_open(&c, FX_API_aclrtIpcMemSetImportPid, fx_packed_text_bytes(key) + fx_packed_bytes(pid, bytes))) != ACL_SUCCESS) return error;
  fx_call_put_text(&c, key);
  fx_call_put_bytes(&c, pid, bytes);
  return fx_call_answer(&c, FLEXNPU_NONE, FLEXNPU_NONE);
}

aclError fx_remote_aclrtIpcMemImportByKey(void **devPtr, const char *key, uint64_t flags) {
  fx_call c;
  aclError error = devPtr == NULL ? no_pointer() : check_key(key);
  if (error != ACL_SUCCESS) return error;
  if ((error = fx_call_open(&c, FX_API_aclrtIpcMemImportByKey, fx_packed_text_bytes(key) + 8)) != ACL_SUCCESS) return error;
  fx_call_put_text(&c, key);
  fx_call_put(&c, flags);
  if ((error = fx_call_answer(&c, FLEXNPU_NONE, FLEXNPU_NONE)) != ACL_SUCCESS) return error;
  void *address = (void *)(uintptr_t)fx_call_take(&c);
  uint64_t bytes = fx_call_take(&c);
  if ((error = fx_call_close(&c)) != ACL_SUCCESS) return error;
  if (!fx_device_memory_add(address, bytes)) {
    (void)fx_remote_aclrtIpcMemClose(key);
    return fx_remote_fail(ACL_ERROR_BAD_ALLOC, "no host memory to remember device memory");
  }
  *devPtr = address;
  return ACL_SUCCESS;
}

aclError fx_remote_aclrtIpcMemClose(const char *key) {
  fx_call c;
  aclError error = check_key(key);
  if (error != ACL_SUCCESS) return error;
  if ((error = fx_call_open(&c, FX_API_aclrtIpcMemClose, fx_packed_text_bytes(key))) != ACL_SUCCESS) return error;
  fx_call_put_text(&c, key);
  if ((error = fx_call_answer(&c, FLEXNPU_NONE, FLEXNPU_NONE)) != ACL_SUCCESS) return error;
  const void *address = (const void *)(uintptr_t)fx_call_take(&c);
  if (address != NULL) fx_device_memory_forget(address);
  return fx_call_close(&c);
}

static aclError not_yet(const char *name) {
  return fx_remote_fail(ACL_ERROR_RT_FEATURE_NOT_SUPPORT, "%s is not supported under a FlexNPU daemon", name);
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
