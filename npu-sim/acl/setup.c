/*
 * aclInit and its counterparts, versions, and the name of the chip. AscendCL counts initializations: the second returns
 * 100002 and still counts, aclFinalizeReference takes one back, aclFinalize all.
 */
#include "sim.h"

/* The AscendCL API that we follow: 1.17.0, of CANN runtime 9.1.0 (shared/facts/enums.txt). */
#define API_MAJOR 1
#define API_MINOR 17
#define API_PATCH 0

static pthread_mutex_t setup_lock = PTHREAD_MUTEX_INITIALIZER;
static uint64_t initialized;

aclError sim_aclInit(const char *config_path) {
  (void)config_path; /* profiling and dump settings: nothing of them is simulated */
  aclError error = sim_configure();
  if (error != ACL_SUCCESS) return error;
  pthread_mutex_lock(&setup_lock);
  initialized++;
  if (initialized > 1) error = sim_fail(ACL_ERROR_REPEAT_INITIALIZE, "aclInit was called before");
  pthread_mutex_unlock(&setup_lock);
  return error;
}

static void finalize(void) {
  sim_devices_finalize();
  sim_stats_write();
}

aclError sim_aclFinalize(void) {
  pthread_mutex_lock(&setup_lock);
  aclError error = ACL_SUCCESS;
  if (initialized == 0) {
    error = sim_fail(ACL_ERROR_REPEAT_FINALIZE, "aclFinalize without aclInit");
  } else {
    initialized = 0;
    finalize();
  }
  pthread_mutex_unlock(&setup_lock);
  return error;
}

aclError sim_aclFinalizeReference(uint64_t *count) {
  pthread_mutex_lock(&setup_lock);
  aclError error = ACL_SUCCESS;
  if (initialized == 0) {
    error = sim_fail(ACL_ERROR_REPEAT_FINALIZE, "aclFinalizeReference without aclInit");
  } else {
    initialized--;
    if (initialized == 0) finalize();
  }
  if (count != NULL) *count = initialized;
  pthread_mutex_unlock(&setup_lock);
  return error;
}

aclError sim_aclrtGetVersion(int32_t *major, int32_t *minor, int32_t *patch) {
  *major = API_MAJOR;
  *minor = API_MINOR;
  *patch = API_PATCH;
  return ACL_SUCCESS;
}

const char *sim_aclrtGetSocName(void) { return sim_configure() == ACL_SUCCESS ? sim_configuration.soc_name : NULL; }

aclError sim_aclrtGetRunMode(aclrtRunMode *mode) {
  *mode = ACL_HOST;
  return ACL_SUCCESS;
}
