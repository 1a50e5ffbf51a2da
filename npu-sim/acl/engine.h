/*
 * The engine: queues of streams, the models that say when work ends, and those who wait. Time is the device's, in
 * nanoseconds. A submission only stamps the present time and appends; whoever looks next (a waiter, a query, or the
 * background thread) leads: it plays everything that is due in exact virtual time, so that lateness of a thread never
 * moves a timestamp, it only delays when the host sees it.
 */
#ifndef NPU_SIM_ENGINE_H
#define NPU_SIM_ENGINE_H

#include "sim.h"

typedef struct sim_waiter {
  struct sim_waiter *next;
  pthread_cond_t wake;
  /* Either: this stream completed `target` tasks ... */
  sim_stream *stream;
  uint64_t serial;
  uint64_t target;
  uint64_t floor_target_ns;
  /* ... or: this record is done ... */
  sim_record *record;
  /* ... or: this thread of callbacks has one to run. */
  const sim_subscriber *subscriber;
  bool wants_lead; /* found another thread leading */
  bool awake;      /* looks for itself before it sleeps */
} sim_waiter;

typedef struct sim_engine_state {
  pthread_mutex_t lock;
  uint64_t played_ns;      /* everything due before this time has happened */
  sim_stream **due;        /* heap of streams to look at, by (due_ns, due_order) */
  uint32_t due_count, due_room;
  uint64_t due_order;
  bool blocked;            /* on a shared machine: another process has to act first */
  bool leading;            /* a thread plays; it may be outside the lock, in a kernel's function */
  sim_waiter *waiters;
  bool background_asleep;  /* signal background_wake at the next submission */
  uint32_t global_captures;
} sim_engine_state;

extern sim_engine_state sim_engine;

void sim_engine_lock(void);
void sim_engine_unlock(void);
/* Takes the clock's zero and starts the background thread; at the first device. Lock held. */
aclError sim_engine_start(void);
/* Present device time. Lock held. */
uint64_t sim_engine_now(void);

/* A zeroed task, or NULL. Lock held, as for all below. */
sim_task *sim_task_take(sim_task_kind kind);
void sim_task_give(sim_task *task);

/* A kernel's task, with a copy of the arguments or device memory to read them from; NULL with `*error`. */
sim_task *sim_launch_task(sim_function *function, uint32_t blocks, const void *args, size_t bytes, bool on_device, aclError *error);
/* Whether a value can be written or waited for there. */
aclError sim_value_check(const void *address);

/* Whether the model gives it time. */
static inline bool sim_task_is_timed(const sim_task *task) {
  return task->kind == SIM_TASK_KERNEL || task->kind == SIM_TASK_COPY || task->kind == SIM_TASK_FILL;
}

/* Appends to the stream (or its capture). Takes the task in any case. */
aclError sim_engine_submit(sim_stream *stream, sim_task *task);
/* Puts the stream on the heap: its head is to be looked at then. */
void sim_engine_make_due(sim_stream *stream, uint64_t at_ns);
void sim_engine_forget_due(sim_stream *stream);
/* Plays what is due by now, for a query; at most one step at SIM_PACE_MAX, where now is whenever somebody looks. */
void sim_engine_poll(void);
/* Waits for the waiter's condition; timeout_ms < 0 waits for ever. False: timed out. Lock held, released meanwhile. */
bool sim_engine_wait(sim_waiter *waiter, int64_t timeout_ms);
bool sim_engine_wait_stream(sim_stream *stream, int64_t timeout_ms);
bool sim_engine_wait_record(sim_record *record, int64_t timeout_ms);
/* Wakes the waiters whose condition holds. */
void sim_engine_wake_waiters(void);
void sim_engine_wake(sim_waiter *waiter);
/* Least device time of one more operator: the launch gap in a graph; see npu-sim/model/chips.ts. */
#define SIM_FLOOR_EAGER_NS 2000u
#define SIM_FLOOR_GRAPH_NS 1000u

/* ---- gate.c: streams that wait for something else than time ---- */

/* Whether the stream is past its operator WAIT or AWAIT. */
bool sim_gate_passes(sim_stream *stream, const sim_task *task);
/* It is not, and waits. */
void sim_gate_block(sim_stream *stream, const sim_task *task);
/* What it waited for has come. */
void sim_gate_open(sim_stream *stream, uint64_t at_ns);
/* It ends. */
void sim_gate_leave(sim_stream *stream);
/* When the next one has waited long enough; device time. */
uint64_t sim_gate_next(void);
/* The same, if device time goes to `at_ns`: SIM_NEVER where nobody's time is up before. */
uint64_t sim_gate_before(uint64_t at_ns);
/* Lets go of those that have waited long enough, with an error; whether there was one. */
bool sim_gate_expire(void);

/* ---- play.c: the leader's part ---- */

/* Plays until `to_ns`, or until the waiter's condition holds, or `steps` steps are done. Lock held; no effect where
 * another thread leads (then false). */
bool sim_engine_play(uint64_t to_ns, const sim_waiter *until, uint64_t steps);
/* On a shared machine: the machine says that what is at the stream's head has ended. */
void sim_play_end(sim_stream *stream, uint64_t at_ns);
/* The work that a stream has running ends without effect, and the stream goes on behind it. Not on a shared machine. */
void sim_play_stop(sim_stream *stream);
/* The next time at which anything happens, SIM_NEVER where nothing will. */
uint64_t sim_engine_next(void);
bool sim_waiter_satisfied(const sim_waiter *waiter);

#endif
