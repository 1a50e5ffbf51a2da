/*
 * Initialization in daemon mode: the daemon has initialized AscendCL, a client counts. What the daemon said when it
 * welcomed us is answered from there.
 */
#include <pthread.h>
#include <stdint.h>

#include "remote/connection.h"
#include "remote/error.h"
#include "remote_client.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static uint64_t initialized;

aclError fx_remote_aclInit(const char *configPath) {
  (void)configPath; /* profiling and dumps are the daemon's */
  aclError error = fx_connection_open();
  if (error != ACL_SUCCESS) return error;
  pthread_mutex_lock(&lock);
  bool repeated = initialized++ > 0;
  pthread_mutex_unlock(&lock);
  return repeated ? fx_remote_fail(ACL_ERROR_REPEAT_INITIALIZE, "aclInit was called before") : ACL_SUCCESS;
}

/* Gives back one reference, or all; false where there was none. */
static bool give_back(bool all, uint64_t *left) {
  pthread_mutex_lock(&lock);
  bool any = initialized > 0;
  if (any) initialized = all ? 0 : initialized - 1;
  *left = initialized;
  pthread_mutex_unlock(&lock);
  return any;
}

aclError fx_remote_aclFinalize(void) {
  uint64_t left;
  return give_back(true, &left) ? ACL_SUCCESS : fx_remote_fail(ACL_ERROR_REPEAT_FINALIZE, "aclFinalize without aclInit");
}

aclError fx_remote_aclFinalizeReference(uint64_t *refCount) {
  uint64_t left;
  bool any = give_back(false, &left);
  if (refCount != NULL) *refCount = left;
  return any ? ACL_SUCCESS : fx_remote_fail(ACL_ERROR_REPEAT_FINALIZE, "aclFinalizeReference without aclInit");
}

const char *fx_remote_aclrtGetSocName(void) {
  return fx_connection_open() == ACL_SUCCESS && fx_connection_soc()[0] != '\0' ? fx_connection_soc() : NULL;
}

aclError fx_remote_aclrtGetDeviceCount(uint32_t *count) {
  if (count == NULL) return fx_remote_no_pointer();
  aclError error = fx_connection_open();
  if (error == ACL_SUCCESS) *count = fx_connection_device_count();
  return error;
}
