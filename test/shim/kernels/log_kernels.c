/*
 * The kernel binary of the interposer's tests. Its kernels append to logs in device memory, and what they append depends
 * on what was there before, so that operators in a wrong order leave wrong bytes. Each takes its declared work from its
 * last argument.
 */
#include "log_kernels.h"

NPU_SIM_KERNEL_MAGIC;

void append(const npu_sim_launch *l) {
  const append_args *a = l->args;
  log_append(a->log, a->value);
}
void append__work(const npu_sim_launch *l, npu_sim_work *w) { w->hbm_bytes = ((const append_args *)l->args)->hbm_bytes; }

/* Appends each of a list that travels with the arguments. */
void append_list(const npu_sim_launch *l) {
  const append_list_args *a = l->args;
  for (uint64_t i = 0; i < a->count; i++) log_append(a->log, a->list[i]);
}
void append_list__work(const npu_sim_launch *l, npu_sim_work *w) {
  w->hbm_bytes = ((const append_list_args *)l->args)->hbm_bytes;
}

/* Says in a slot how far the log has come. */
void publish(const npu_sim_launch *l) {
  const slot_args *a = l->args;
  *a->slot = a->log->digest;
}
void publish__work(const npu_sim_launch *l, npu_sim_work *w) { w->hbm_bytes = ((const slot_args *)l->args)->hbm_bytes; }

/* Appends what a slot says, 0 where nobody published yet. */
void absorb(const npu_sim_launch *l) {
  const slot_args *a = l->args;
  log_append(a->log, *a->slot);
}
void absorb__work(const npu_sim_launch *l, npu_sim_work *w) { w->hbm_bytes = ((const slot_args *)l->args)->hbm_bytes; }

/* Appends a digest of a region. */
void digest(const npu_sim_launch *l) {
  const digest_args *a = l->args;
  log_append(a->log, bytes_digest(a->region, a->bytes));
}
void digest__work(const npu_sim_launch *l, npu_sim_work *w) { w->hbm_bytes = ((const digest_args *)l->args)->hbm_bytes; }
