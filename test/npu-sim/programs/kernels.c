/* The kernel binary of the simulator's tests: small functions whose results show whether they ran, on what, in which
 * order; each takes its declared work from its own arguments. */
#include <sched.h>

#include "npu_sim_kernel.h"

NPU_SIM_KERNEL_MAGIC;
NPU_SIM_OUTCOME;
#ifdef WORK_FROM_ARGS
/* Not true of `follow`, which is not used of this build. */
NPU_SIM_WORK_FROM_ARGS;
#endif

/* Shared start of the arguments of `mix`. */
typedef struct {
  uint64_t *data;
  uint64_t count;
  uint64_t factor;
  uint64_t addend;
  npu_sim_work work;
} mix_args;

/* data = data * factor + addend: does not commute, so a wrong order gives wrong numbers. */
void mix(const npu_sim_launch *l) {
  const mix_args *args = l->args;
  for (uint64_t i = 0; i < args->count; i++) args->data[i] = args->data[i] * args->factor + args->addend;
}
void mix__work(const npu_sim_launch *l, npu_sim_work *w) { *w = ((const mix_args *)l->args)->work; }

/* *to = three parameters of different sizes, each where the next multiple of 8 is. */
typedef struct {
  uint64_t *to;
  _Alignas(8) uint8_t small;
  _Alignas(8) int32_t less;
  _Alignas(8) struct {
    uint32_t words[3];
  } many;
} odd_args;
const uint32_t odd__parameters[] = {8, 1, 4, 12, 0};
void odd(const npu_sim_launch *l) {
  const odd_args *args = l->args;
  *args->to = args->small + (uint64_t)(int64_t)args->less + args->many.words[2] * 1000ull + l->blocks * 1000000ull;
}
void odd__work(const npu_sim_launch *l, npu_sim_work *w) {
  (void)l;
  w->vector_ops = 1;
}

/* *out = sum of list[0..count): list is placeholder data that travels with the arguments. */
typedef struct {
  uint64_t *out;
  const uint64_t *list;
  uint64_t count;
} sum_args;
void sum(const npu_sim_launch *l) {
  const sum_args *args = l->args;
  *args->out = 0;
  for (uint64_t i = 0; i < args->count; i++) *args->out += args->list[i];
}
void sum__work(const npu_sim_launch *l, npu_sim_work *w) { w->vector_ops = ((const sum_args *)l->args)->count; }

/* Copies *from to *to. Its work is what *from says at the start: work may depend on device memory. */
typedef struct {
  uint64_t *to;
  const uint64_t *from;
} follow_args;
void follow(const npu_sim_launch *l) {
  const follow_args *args = l->args;
  *args->to = *args->from;
}
void follow__work(const npu_sim_launch *l, npu_sim_work *w) { w->hbm_bytes = *((const follow_args *)l->args)->from; }

/* Runs on the host until *flag is set: a device thread that answers nobody meanwhile. */
typedef struct {
  const uint64_t *flag;
} until_args;
void until(const npu_sim_launch *l) {
  const until_args *args = l->args;
  while (__atomic_load_n(args->flag, __ATOMIC_ACQUIRE) == 0) sched_yield();
}
void until__work(const npu_sim_launch *l, npu_sim_work *w) {
  (void)l;
  w->vector_ops = 1;
}

/* A kernel without __work: cannot be used. */
void incomplete(const npu_sim_launch *l) { (void)l; }

/* Ends as its argument says. */
typedef struct {
  uint64_t outcome;
} ending_args;
void ending(const npu_sim_launch *l) { npu_sim_kernel_outcome |= (uint32_t)((const ending_args *)l->args)->outcome; }
void ending__work(const npu_sim_launch *l, npu_sim_work *w) {
  (void)l;
  w->vector_ops = 1000;
}

/* Variables that the program reaches, and what is none: *out = total += step. */
uint64_t total = 40;
static uint64_t hidden = 1;
const uint64_t constant = 7;
typedef struct {
  uint64_t *out;
  uint64_t step;
} count_args;
void count(const npu_sim_launch *l) {
  const count_args *args = l->args;
  total += args->step * hidden;
  *args->out = total;
}
void count__work(const npu_sim_launch *l, npu_sim_work *w) {
  (void)l;
  w->vector_ops = 1000;
}
