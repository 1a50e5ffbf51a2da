/*
 * Numbers of operators as the real library counts them, by the client's thread that issued them: noted as each is handed
 * over, from when somebody first wants to know. That is also who listens for exceptions, which name operators by them.
 */
#include "executor/executor.h"
#include "executor/serve.h"
#include "real_table.h"

/* As AscendCL says it: not known. */
#define UNKNOWN UINT32_MAX

bool fxd_wants_task_ids;

void fxd_task_id_note(uint32_t place) {
  fxd_ring *r = fxd_ring_of(place);
  uint32_t id = 0;
  if (r == NULL || fx_real.aclrtGetThreadLastTaskId(&id) != ACL_SUCCESS) return;
  r->task_id = id;
  r->has_task_id = true;
}

/* Of what the thread issued before anybody asked, the number is not known. */
aclError fxd_serve_aclrtGetThreadLastTaskId(fxd_call *c) {
  bool wanted = fxd_take(c) != 0;
  if (c->torn || !wanted) return ACL_ERROR_INVALID_PARAM;
  fxd_wants_task_ids = true;
  fxd_put(c, c->ring->has_task_id ? c->ring->task_id : UNKNOWN);
  return ACL_SUCCESS;
}
