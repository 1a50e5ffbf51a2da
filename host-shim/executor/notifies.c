/* Notifies that the host lowers: one a call, whatever the client's call was. */
#include "executor/executor.h"
#include "real_table.h"

aclError fxd_serve_aclrtNotifyBatchReset(fxd_call *c) {
  aclrtNotify notify;
  aclError error = fxd_take_handle(c, FLEXNPU_HANDLE_NOTIFY, &notify);
  return error == ACL_SUCCESS ? fx_real.aclrtNotifyBatchReset(&notify, 1) : error;
}
