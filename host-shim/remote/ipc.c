/*
 * Sharing between processes: the daemon's clients share device memory, events, notifies and physical memory by keys of the
 * daemon's. It serves one another's clients only: to a process without it they mean nothing.
 */
#include <string.h>

#include "remote/call.h"
#include "remote/error.h"
#include "remote/events.h"
#include "remote/memory.h"
#include "remote_client.h"

/* A key and its end (aclrtIpcMemGetExportKey, aclrtNotifyGetExportKey). */
#define KEY_BYTES 65u
/* Processes that may be named in one call. */
#define MOST_PIDS 1024u

aclError fx_remote_aclrtDeviceGetBareTgid(int32_t *pid) {
  fx_call c;
  if (pid == NULL) return fx_remote_no_pointer();
  aclError error = fx_call_open(&c, FX_API_aclrtDeviceGetBareTgid, 0);
  if (error == ACL_SUCCESS) error = fx_call_answer(&c, FLEXNPU_NONE, FLEXNPU_NONE);
  if (error != ACL_SUCCESS) return error;
  *pid = (int32_t)fx_call_take(&c);
  return fx_call_close(&c);
}

aclError fx_remote_aclrtIpcMemGetExportKey(void *devPtr, size_t size, char *key, size_t len, uint64_t flags) {
  fx_call c;
  if (devPtr == NULL || key == NULL) return fx_remote_no_pointer();
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
  if (key == NULL) return fx_remote_no_pointer();
  if (strnlen(key, KEY_BYTES) < KEY_BYTES) return ACL_SUCCESS;
  return fx_remote_fail(ACL_ERROR_RT_PARAM_INVALID, "the key is of no memory of this daemon's");
}

aclError fx_remote_aclrtIpcMemSetImportPid(const char *key, int32_t *pid, size_t num) {
  fx_call c;
  aclError error = pid == NULL ? fx_remote_no_pointer() : check_key(key);
  if (error != ACL_SUCCESS) return error;
  if (num > MOST_PIDS) return fx_remote_fail(ACL_ERROR_RT_PARAM_INVALID, "%zu processes are more than a key takes", num);
  size_t bytes = num * sizeof *pid;
  if ((error = fx_call_open(&c, FX_API_aclrtIpcMemSetImportPid, fx_packed_text_bytes(key) + fx_packed_bytes(pid, bytes))) != ACL_SUCCESS) return error;
  fx_call_put_text(&c, key);
  fx_call_put_bytes(&c, pid, bytes);
  return fx_call_answer(&c, FLEXNPU_NONE, FLEXNPU_NONE);
}

aclError fx_remote_aclrtIpcMemImportByKey(void **devPtr, const char *key, uint64_t flags) {
  fx_call c;
  aclError error = devPtr == NULL ? fx_remote_no_pointer() : check_key(key);
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

aclError fx_remote_aclrtIpcGetEventHandle(aclrtEvent event, aclrtIpcEventHandle *handle) {
  fx_call c;
  if (handle == NULL) return fx_remote_no_pointer();
  aclError error = fx_event_check(event);
  if (error == ACL_SUCCESS) error = fx_call_open(&c, FX_API_aclrtIpcGetEventHandle, 8);
  if (error != ACL_SUCCESS) return error;
  fx_call_put(&c, (uint64_t)(uintptr_t)event);
  if ((error = fx_call_answer(&c, FLEXNPU_NONE, fx_handle_number(event))) != ACL_SUCCESS) return error;
  fx_call_take_bytes(&c, handle, sizeof *handle);
  return fx_call_close(&c);
}

aclError fx_remote_aclrtIpcOpenEventHandle(aclrtIpcEventHandle handle, aclrtEvent *event) {
  fx_call c;
  if (event == NULL) return fx_remote_no_pointer();
  aclError error = fx_call_open(&c, FX_API_aclrtIpcOpenEventHandle, fx_packed_bytes(&handle, sizeof handle));
  if (error != ACL_SUCCESS) return error;
  fx_call_put_bytes(&c, &handle, sizeof handle);
  if ((error = fx_call_answer(&c, FLEXNPU_NONE, FLEXNPU_NONE)) != ACL_SUCCESS) return error;
  *event = (aclrtEvent)(uintptr_t)fx_call_take(&c);
  error = fx_call_close(&c);
  if (error == ACL_SUCCESS) fx_event_made(*event, true);
  return error;
}

aclError fx_remote_aclrtMemExportToShareableHandle(aclrtDrvMemHandle handle, aclrtMemHandleType handleType, uint64_t flags, uint64_t *shareableHandle) {
  fx_call c;
  if (shareableHandle == NULL) return fx_remote_no_pointer();
  if (!fx_handle_is(handle, FLEXNPU_HANDLE_PHYS_MEM)) return fx_remote_no_handle(handle, "phys-mem");
  aclError error = fx_call_open(&c, FX_API_aclrtMemExportToShareableHandle, 24);
  if (error != ACL_SUCCESS) return error;
  fx_call_put(&c, (uint64_t)(uintptr_t)handle);
  fx_call_put(&c, (uint32_t)handleType);
  fx_call_put(&c, flags);
  if ((error = fx_call_answer(&c, FLEXNPU_NONE, FLEXNPU_NONE)) != ACL_SUCCESS) return error;
  *shareableHandle = fx_call_take(&c);
  return fx_call_close(&c);
}

aclError fx_remote_aclrtMemSetPidToShareableHandle(uint64_t shareableHandle, int32_t *pid, size_t pidNum) {
  fx_call c;
  if (pid == NULL) return fx_remote_no_pointer();
  if (pidNum == 0 || pidNum > MOST_PIDS) return fx_remote_fail(ACL_ERROR_RT_PARAM_INVALID, "%zu processes", pidNum);
  aclError error = fx_call_open(&c, FX_API_aclrtMemSetPidToShareableHandle, 8 + fx_packed_bytes(pid, pidNum * sizeof *pid));
  if (error != ACL_SUCCESS) return error;
  fx_call_put(&c, shareableHandle);
  fx_call_put_bytes(&c, pid, pidNum * sizeof *pid);
  if ((error = fx_call_answer(&c, FLEXNPU_NONE, FLEXNPU_NONE)) != ACL_SUCCESS) return error;
  return fx_call_close(&c);
}

aclError fx_remote_aclrtMemImportFromShareableHandle(uint64_t shareableHandle, int32_t deviceId, aclrtDrvMemHandle *handle) {
  fx_call c;
  if (handle == NULL) return fx_remote_no_pointer();
  aclError error = fx_call_open(&c, FX_API_aclrtMemImportFromShareableHandle, 16);
  if (error != ACL_SUCCESS) return error;
  fx_call_put(&c, shareableHandle);
  fx_call_put(&c, (uint32_t)deviceId);
  if ((error = fx_call_answer(&c, FLEXNPU_NONE, FLEXNPU_NONE)) != ACL_SUCCESS) return error;
  *handle = (aclrtDrvMemHandle)(uintptr_t)fx_call_take(&c);
  return fx_call_close(&c);
}

/* Handles of one server are the same numbers; a daemon serves one. */
static aclError check_kind(const void *shareable, aclrtMemSharedHandleType kind) {
  if (shareable == NULL) return fx_remote_no_pointer();
  if (kind == ACL_MEM_SHARE_HANDLE_TYPE_DEFAULT) return ACL_SUCCESS;
  if (kind == ACL_MEM_SHARE_HANDLE_TYPE_FABRIC)
    return fx_remote_fail(ACL_ERROR_RT_FEATURE_NOT_SUPPORT, "handles between servers do not go through a daemon");
  return fx_remote_fail(ACL_ERROR_RT_PARAM_INVALID, "shareable handles of kind %d are not known", (int)kind);
}

aclError fx_remote_aclrtMemExportToShareableHandleV2(aclrtDrvMemHandle handle, uint64_t flags, aclrtMemSharedHandleType shareType, void *shareableHandle) {
  aclError error = check_kind(shareableHandle, shareType);
  return error == ACL_SUCCESS ? fx_remote_aclrtMemExportToShareableHandle(handle, ACL_MEM_HANDLE_TYPE_NONE, flags, shareableHandle) : error;
}

aclError fx_remote_aclrtMemSetPidToShareableHandleV2(void *shareableHandle, aclrtMemSharedHandleType shareType, int32_t *pid, size_t pidNum) {
  aclError error = check_kind(shareableHandle, shareType);
  return error == ACL_SUCCESS ? fx_remote_aclrtMemSetPidToShareableHandle(*(const uint64_t *)shareableHandle, pid, pidNum) : error;
}

aclError fx_remote_aclrtMemImportFromShareableHandleV2(void *shareableHandle, aclrtMemSharedHandleType shareType, uint64_t flags, aclrtDrvMemHandle *handle) {
  aclError error = check_kind(shareableHandle, shareType);
  if (error != ACL_SUCCESS) return error;
  if (flags != 0) return fx_remote_fail(ACL_ERROR_RT_PARAM_INVALID, "flags %llu: expected 0", (unsigned long long)flags);
  return fx_remote_aclrtMemImportFromShareableHandle(*(const uint64_t *)shareableHandle, 0, handle);
}

/* ---- notifies ---- */

aclError fx_remote_aclrtNotifyGetExportKey(aclrtNotify notify, char *key, size_t len, uint64_t flags) {
  fx_call c;
  if (key == NULL) return fx_remote_no_pointer();
  if (len < KEY_BYTES)
    return fx_remote_fail(ACL_ERROR_RT_PARAM_INVALID, "a key takes %u bytes, not %zu", KEY_BYTES, len);
  aclError error = fx_notify_check(notify);
  if (error == ACL_SUCCESS) error = fx_call_open(&c, FX_API_aclrtNotifyGetExportKey, 16);
  if (error != ACL_SUCCESS) return error;
  fx_call_put(&c, (uint64_t)(uintptr_t)notify);
  fx_call_put(&c, flags);
  if ((error = fx_call_answer(&c, FLEXNPU_NONE, FLEXNPU_NONE)) != ACL_SUCCESS) return error;
  fx_call_take_bytes(&c, key, KEY_BYTES);
  return fx_call_close(&c);
}

aclError fx_remote_aclrtNotifySetImportPid(aclrtNotify notify, int32_t *pid, size_t num) {
  fx_call c;
  if (pid == NULL) return fx_remote_no_pointer();
  if (num == 0 || num > MOST_PIDS) return fx_remote_fail(ACL_ERROR_RT_PARAM_INVALID, "%zu processes", num);
  aclError error = fx_notify_check(notify);
  if (error == ACL_SUCCESS) error = fx_call_open(&c, FX_API_aclrtNotifySetImportPid, 8 + fx_packed_bytes(pid, num * sizeof *pid));
  if (error != ACL_SUCCESS) return error;
  fx_call_put(&c, (uint64_t)(uintptr_t)notify);
  fx_call_put_bytes(&c, pid, num * sizeof *pid);
  if ((error = fx_call_answer(&c, FLEXNPU_NONE, FLEXNPU_NONE)) != ACL_SUCCESS) return error;
  return fx_call_close(&c);
}

aclError fx_remote_aclrtNotifyImportByKey(aclrtNotify *notify, const char *key, uint64_t flags) {
  fx_call c;
  if (notify == NULL || key == NULL) return fx_remote_no_pointer();
  if (strnlen(key, KEY_BYTES) == KEY_BYTES) return fx_remote_fail(ACL_ERROR_RT_PARAM_INVALID, "no key of a notify");
  aclError error = fx_call_open(&c, FX_API_aclrtNotifyImportByKey, fx_packed_text_bytes(key) + 8);
  if (error != ACL_SUCCESS) return error;
  fx_call_put_text(&c, key);
  fx_call_put(&c, flags);
  if ((error = fx_call_answer(&c, FLEXNPU_NONE, FLEXNPU_NONE)) != ACL_SUCCESS) return error;
  *notify = (aclrtNotify)(uintptr_t)fx_call_take(&c);
  error = fx_call_close(&c);
  if (error == ACL_SUCCESS) fx_event_made(*notify, false);
  return error;
}
