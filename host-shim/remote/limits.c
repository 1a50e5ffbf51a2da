/* How many cores streams may use: answered calls, and what was set is known here, too; see remote/limits.h. */
#include "remote/limits.h"

#include "boot/counters.h"
#include "records.h"
#include "remote/error.h"
#include "remote/handles.h"
#include "remote/streams.h"
#include "remote_client.h"

_Atomic uint32_t fx_limits[FX_LIMIT_TYPES];
static struct {
  _Atomic uint64_t stream; /* which handle it was, as numbers are used again */
  _Atomic uint32_t cores[FX_LIMIT_TYPES];
} of_streams[FLEXNPU_MAX_STREAMS];

aclError fx_limit_check_type(aclrtDevResLimitType type) {
  if (type == ACL_RT_DEV_RES_CUBE_CORE || type == ACL_RT_DEV_RES_VECTOR_CORE) return ACL_SUCCESS;
  return fx_remote_fail(ACL_ERROR_RT_PARAM_INVALID, "resource %d is not known", (int)type);
}

aclError fx_limit_check_device(int32_t device) {
  return device == 0 ? ACL_SUCCESS : fx_remote_fail(ACL_ERROR_RT_INVALID_DEVICEID, "device %d: there is one", device);
}

aclError fx_remote_aclrtGetDeviceResLimit(int32_t deviceId, aclrtDevResLimitType type, uint32_t *value) {
  if (value == NULL) return fx_remote_no_pointer();
  aclError error = fx_limit_check_type(type);
  if (error == ACL_SUCCESS) error = fx_limit_check_device(deviceId);
  if (error != ACL_SUCCESS) return error;
  uint32_t set = atomic_load(&fx_limits[type]);
  if (set == 0) return fx_call_aclrtGetDeviceResLimit(deviceId, type, value);
  *value = set;
  return ACL_SUCCESS;
}

uint32_t fx_limit_of(aclrtStream stream, aclrtDevResLimitType type) {
  uint32_t number = fx_handle_number(stream);
  if (number >= FLEXNPU_MAX_STREAMS || atomic_load(&of_streams[number].stream) != (uint64_t)(uintptr_t)stream) return 0;
  return atomic_load(&of_streams[number].cores[type]);
}

aclError fx_remote_aclrtSetStreamResLimit(aclrtStream stream, aclrtDevResLimitType type, uint32_t value) {
  aclError error = fx_stream_resolve(&stream);
  if (error == ACL_SUCCESS) error = fx_call_aclrtSetStreamResLimit(stream, type, value);
  uint32_t number = fx_handle_number(stream);
  if (error != ACL_SUCCESS || number >= FLEXNPU_MAX_STREAMS || fx_limit_check_type(type) != ACL_SUCCESS) return error;
  uint64_t handle = (uint64_t)(uintptr_t)stream;
  if (atomic_exchange(&of_streams[number].stream, handle) != handle)
    for (int other = 0; other < FX_LIMIT_TYPES; other++) atomic_store(&of_streams[number].cores[other], 0);
  atomic_store(&of_streams[number].cores[type], value);
  return error;
}

aclError fx_remote_aclrtResetStreamResLimit(aclrtStream stream) {
  aclError error = fx_stream_resolve(&stream);
  if (error == ACL_SUCCESS) error = fx_call_aclrtResetStreamResLimit(stream);
  uint32_t number = fx_handle_number(stream);
  if (error == ACL_SUCCESS && number < FLEXNPU_MAX_STREAMS) atomic_store(&of_streams[number].stream, 0);
  return error;
}

aclError fx_remote_aclrtGetStreamResLimit(aclrtStream stream, aclrtDevResLimitType type, uint32_t *value) {
  uint32_t asked = 0;
  if (value == NULL) return fx_remote_no_pointer();
  aclError error = fx_limit_check_type(type);
  if (error == ACL_SUCCESS) error = fx_stream_resolve(&stream);
  if (error == ACL_SUCCESS) error = fx_call_aclrtGetStreamResLimit(stream, type, &asked);
  if (error != ACL_SUCCESS) return error;
  uint32_t process = atomic_load(&fx_limits[type]);
  *value = fx_limit_of(stream, type) != 0 || process == 0 ? asked : process;
  return ACL_SUCCESS;
}
