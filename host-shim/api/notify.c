/* The end of a notify: what is queued may still name it, and a new one may come at its address. */
#include "engine/submit.h"
#include "real_table.h"

FX_EXPORT aclError aclrtDestroyNotify(aclrtNotify notify) {
  FX_COUNT(aclrtDestroyNotify);
  fx_drain_all();
  fx_event_forget(notify);
  return fx_real.aclrtDestroyNotify(notify);
}

FX_EXPORT aclError aclrtCntNotifyDestroy(aclrtCntNotify cntNotify) {
  FX_COUNT(aclrtCntNotifyDestroy);
  fx_drain_all();
  fx_event_forget(cntNotify);
  return fx_real.aclrtCntNotifyDestroy(cntNotify);
}
