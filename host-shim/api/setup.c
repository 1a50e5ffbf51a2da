/*
 * Initialization and its end. Before AscendCL ends, whatever is queued is handed over and every event of ours is given
 * back, so that the real library finds only what is the application's.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "api/quiesce.h"
#include "boot/config.h"
#include "boot/real.h"
#include "boot/report.h"
#include "engine/device.h"
#include "engine/submit.h"
#include "real_table.h"

static void close_device(fx_device *d, void *with) {
  (void)with;
  fx_device_close(d);
}

static pid_t owner; /* the process that called aclInit */

/* At exit: recordings are closed and the counts are written, while the real library is still there. */
static void at_exit(void) {
  if (getpid() != owner) return; /* a child after fork: its parent writes them */
  fx_device_each(close_device, NULL);
  const char *path = fx_config_get()->stats_path;
  if (path == NULL) return;
  char *report = fx_report_json();
  FILE *out = report != NULL ? fopen(path, "wxe") : NULL;
  if (out == NULL && errno == EEXIST) { /* another process of the same run was here: a file of our own beside it */
    char own[PATH_MAX];
    (void)snprintf(own, sizeof own, "%s.%ld.json", path, (long)getpid());
    out = fopen(own, "we");
  }
  if (out != NULL) {
    fputs(report, out);
    fclose(out);
  }
  free(report);
}

FX_EXPORT aclError aclInit(const char *configPath) {
  FX_COUNT(aclInit);
  static _Atomic bool registered;
  fx_real_boot();
  if (!atomic_exchange(&registered, true)) {
    owner = getpid();
    (void)atexit(at_exit);
  }
  return fx_real.aclInit(configPath);
}

FX_EXPORT aclError aclFinalize(void) {
  FX_COUNT(aclFinalize);
  fx_ending_begin(NULL);
  aclError error = fx_real.aclFinalize();
  fx_ending_end(NULL);
  return error;
}

FX_EXPORT aclError aclFinalizeReference(uint64_t *refCount) {
  FX_COUNT(aclFinalizeReference);
  fx_ending_begin(NULL);
  aclError error = fx_real.aclFinalizeReference(refCount);
  fx_ending_end(NULL);
  return error;
}
