/*
 * The number of the thread's last operator: the program's, not that of a marker behind it; where it was queued, another
 * thread may have handed it over.
 */
#include "boot/counters.h"
#include "engine/marker.h"
#include "engine/submit.h"
#include "real_table.h"

FX_EXPORT aclError aclrtGetThreadLastTaskId(uint32_t *taskId) {
  FX_COUNT(aclrtGetThreadLastTaskId);
  aclError error = fx_real.aclrtGetThreadLastTaskId(taskId);
  if (error != ACL_SUCCESS || taskId == NULL || fx_queued_task(taskId)) return error;
  if (*taskId == fx_marker_last.task) *taskId = fx_marker_last.before;
  return error;
}
