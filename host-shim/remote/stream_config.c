/* Settings for a stream that is to be made: a structure that its header shows, so the client keeps it itself. */
#include <stdlib.h>
#include <string.h>

#include "remote/error.h"
#include "remote_client.h"

/* acl.md: priorities run from 0, the greatest, to 7. */
#define LEAST_PRIORITY 7u

aclrtStreamConfigHandle *fx_remote_aclrtCreateStreamConfigHandle(void) { return calloc(1, sizeof(aclrtStreamConfigHandle)); }

aclError fx_remote_aclrtDestroyStreamConfigHandle(aclrtStreamConfigHandle *handle) {
  if (handle == NULL) return fx_remote_fail(ACL_ERROR_INVALID_PARAM, "no settings of a stream");
  free(handle);
  return ACL_SUCCESS;
}

aclError fx_remote_aclrtSetStreamConfigOpt(aclrtStreamConfigHandle *handle, aclrtStreamConfigAttr attr,
                                           const void *attrValue, size_t valueSize) {
  if (handle == NULL || attrValue == NULL) return fx_remote_fail(ACL_ERROR_INVALID_PARAM, "no settings of a stream, or no value");
  const struct {
    void *place;
    size_t bytes;
  } fields[] = {
      [ACL_RT_STREAM_WORK_ADDR_PTR] = {&handle->workptr, sizeof handle->workptr},
      [ACL_RT_STREAM_WORK_SIZE] = {&handle->workSize, sizeof handle->workSize},
      [ACL_RT_STREAM_FLAG] = {&handle->flag, sizeof handle->flag},
      [ACL_RT_STREAM_PRIORITY] = {&handle->priority, sizeof handle->priority},
  };
  /* CANN's own sample (3_stream_config_query) gives flags as the 32 bits that they are elsewhere. */
  if (attr == ACL_RT_STREAM_FLAG && valueSize == sizeof(uint32_t)) {
    uint32_t flags;
    memcpy(&flags, attrValue, sizeof flags);
    handle->flag = flags;
    return ACL_SUCCESS;
  }
  if ((size_t)attr >= sizeof fields / sizeof *fields || valueSize != fields[attr].bytes)
    return fx_remote_fail(ACL_ERROR_INVALID_PARAM, "setting %d of a stream of %zu bytes", (int)attr, valueSize);
  if (attr == ACL_RT_STREAM_PRIORITY && *(const uint32_t *)attrValue > LEAST_PRIORITY)
    return fx_remote_fail(ACL_ERROR_INVALID_PARAM, "priority %u of a stream", *(const uint32_t *)attrValue);
  memcpy(fields[attr].place, attrValue, valueSize);
  return ACL_SUCCESS;
}

/* Memory for the stream to work in is the daemon's business. */
aclError fx_remote_aclrtCreateStreamV2(aclrtStream *stream, const aclrtStreamConfigHandle *handle) {
  if (handle == NULL) return fx_remote_aclrtCreateStream(stream);
  return fx_remote_aclrtCreateStreamWithConfig(stream, handle->priority, (uint32_t)handle->flag);
}
