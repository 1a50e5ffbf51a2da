/*
 * Groups of collectives. HCCL keeps what a thread asks for between start and end, and begins all of it at the end, on the
 * thread of the end: so nothing of a group is queued, and what is queued goes before the end.
 */
#include "api/collective.h"

#include "boot/counters.h"
#include "engine/inside.h"
#include "engine/submit.h"
#include "real_table.h"

FX_TLS int fx_inside;
FX_TLS int fx_code;
static FX_TLS int groups;

bool fx_collective_grouped(void) { return groups > 0; }

FX_EXPORT HcclResult HcclGroupStart(void) {
  FX_COUNT(HcclGroupStart);
  HcclResult result = fx_real.HcclGroupStart();
  if (result == HCCL_SUCCESS) groups++;
  return result;
}

FX_EXPORT HcclResult HcclGroupEnd(void) {
  FX_COUNT(HcclGroupEnd);
  fx_drain_all();
  if (groups > 0) groups--;
  fx_inside++;
  HcclResult result = fx_real.HcclGroupEnd();
  fx_inside--;
  return result;
}
