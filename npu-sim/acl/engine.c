/*
 * Submission, the heap of due streams, and the clock. A submission costs one lock, one reading of the clock and a few
 * stores: it starts nothing itself (play.c does), so its cost does not grow with what the device is doing.
 */
#include "engine.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "background.h"
#include "machine.h"
#include "signals.h"
#include "graph.h"
#include "graph_update.h"

sim_engine_state sim_engine = {.lock = PTHREAD_ADAPTIVE_MUTEX_INITIALIZER_NP};

static uint64_t clock_zero_ns;
static bool started;
static sim_task *free_tasks;

void sim_engine_lock(void) { pthread_mutex_lock(&sim_engine.lock); }
void sim_engine_unlock(void) { pthread_mutex_unlock(&sim_engine.lock); }

static uint64_t clock_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

aclError sim_engine_start(void) {
  if (started) return ACL_SUCCESS;
  clock_zero_ns = clock_ns();
  aclError error = sim_machine_join();
  if (error == ACL_SUCCESS && sim_shared != NULL) clock_zero_ns = sim_shared->clock_zero_ns;
  if (error == ACL_SUCCESS) error = sim_background_start();
  if (error == ACL_SUCCESS && sim_shared != NULL) sim_machine_joined();
  started = error == ACL_SUCCESS;
  return error;
}

uint64_t sim_engine_now(void) {
  if (sim_shared != NULL) {
    /* What others played has happened here too. */
    uint64_t happened = __atomic_load_n(&sim_shared->now_ns, __ATOMIC_ACQUIRE);
    if (happened > sim_engine.played_ns) sim_engine.played_ns = happened;
  }
  if (sim_configuration.pace != SIM_PACE_CLOCK) return sim_engine.played_ns;
  uint64_t host_ns = clock_ns() - clock_zero_ns;
  uint64_t now = sim_configuration.speed == 1.0 ? host_ns : (uint64_t)((double)host_ns * sim_configuration.speed);
  /* Rounding of the scaled clock must not put a submission before what was played already. */
  return now < sim_engine.played_ns ? sim_engine.played_ns : now;
}

/* ---- tasks ---- */

/* Tasks are made 64 at a time and never given back to the host: a queue's depth is the working set. */
#define TASKS_A_CHUNK 64u

sim_task *sim_task_take(sim_task_kind kind) {
  if (free_tasks == NULL) {
    sim_task *chunk = aligned_alloc(_Alignof(sim_task), TASKS_A_CHUNK * sizeof *chunk);
    if (chunk == NULL) return NULL;
    for (uint32_t i = 0; i < TASKS_A_CHUNK; i++) {
      chunk[i].next = free_tasks;
      free_tasks = &chunk[i];
    }
  }
  sim_task *task = free_tasks;
  free_tasks = task->next;
  task->next = NULL;
  task->kind = kind;
  task->timeout_ns = 0;
  task->extra = NULL;
  memset(&task->u, 0, sizeof task->u);
  return task;
}

void sim_task_give(sim_task *task) {
  switch (task->kind) {
    case SIM_TASK_KERNEL:
      if (task->u.kernel.allocated) free((void *)task->u.kernel.args);
      if (task->u.kernel.function != NULL) sim_binary_unuse(task->u.kernel.function->binary);
      break;
    case SIM_TASK_RECORD:
    case SIM_TASK_WAIT:
    case SIM_TASK_RESET:
      if (task->u.record != NULL) sim_record_release(task->u.record);
      break;
    case SIM_TASK_RAISE:
    case SIM_TASK_AWAIT:
      if (task->u.signal.signal != NULL) sim_signal_release(task->u.signal.signal);
      break;
    case SIM_TASK_GRAPH:
      if (task->u.graph == NULL) break;
      sim_outside_give(task);
      task->u.graph->runs--;
      sim_graph_release(task->u.graph);
      break;
    case SIM_TASK_COPY:
    case SIM_TASK_FILL:
    case SIM_TASK_APPLY:
    case SIM_TASK_BRANCH:
    case SIM_TASK_OUTSIDE:
      break;
  }
  free(task->extra);
  task->next = free_tasks;
  free_tasks = task;
}

/* Least device time that the task takes. */
static uint64_t floor_of(const sim_task *task) {
  switch (task->kind) {
    case SIM_TASK_KERNEL:
    case SIM_TASK_COPY:
    case SIM_TASK_FILL:
      return SIM_FLOOR_EAGER_NS;
    case SIM_TASK_GRAPH:
      return task->u.graph->branches ? 0 : task->u.graph->timed_count * (uint64_t)SIM_FLOOR_GRAPH_NS;
    default:
      return 0;
  }
}

/* ---- the heap of due streams ---- */

static bool due_before(const sim_stream *a, const sim_stream *b) {
  return a->due_ns < b->due_ns || (a->due_ns == b->due_ns && a->due_order < b->due_order);
}

static void place(uint32_t at, sim_stream *stream) {
  sim_engine.due[at] = stream;
  stream->due_index = at;
}

static void sift_up(uint32_t at, sim_stream *stream) {
  while (at > 0) {
    uint32_t parent = (at - 1) / 2;
    if (!due_before(stream, sim_engine.due[parent])) break;
    place(at, sim_engine.due[parent]);
    at = parent;
  }
  place(at, stream);
}

static void sift_down(uint32_t at, sim_stream *stream) {
  for (;;) {
    uint32_t child = 2 * at + 1;
    if (child >= sim_engine.due_count) break;
    if (child + 1 < sim_engine.due_count && due_before(sim_engine.due[child + 1], sim_engine.due[child])) child++;
    if (!due_before(sim_engine.due[child], stream)) break;
    place(at, sim_engine.due[child]);
    at = child;
  }
  place(at, stream);
}

/* Room for one more stream on the heap; it holds every stream at most once. */
static bool reserve_due(void) {
  if (sim_engine.due_count < sim_engine.due_room) return true;
  uint32_t room = sim_engine.due_room == 0 ? 64 : sim_engine.due_room * 2;
  sim_stream **due = realloc(sim_engine.due, room * sizeof *due);
  if (due == NULL) return false;
  sim_engine.due = due;
  sim_engine.due_room = room;
  return true;
}

void sim_engine_make_due(sim_stream *stream, uint64_t at_ns) {
  if (sim_shared != NULL) {
    sim_lanes_resume(stream, at_ns);
    return;
  }
  if (!reserve_due()) {
    /* Without host memory the stream is looked at when something is submitted to it again. */
    stream->state = SIM_STREAM_IDLE;
    return;
  }
  stream->state = SIM_STREAM_DUE;
  stream->due_ns = at_ns;
  stream->due_order = sim_engine.due_order++;
  sift_up(sim_engine.due_count++, stream);
}

void sim_engine_forget_due(sim_stream *stream) {
  uint32_t at = stream->due_index;
  sim_stream *last = sim_engine.due[--sim_engine.due_count];
  stream->state = SIM_STREAM_IDLE;
  if (last == stream) return;
  if (at > 0 && due_before(last, sim_engine.due[(at - 1) / 2])) {
    sift_up(at, last);
  } else {
    sift_down(at, last);
  }
}

/* ---- submission ---- */

aclError sim_engine_submit(sim_stream *stream, sim_task *task) {
  if (__builtin_expect(stream->capture != NULL, 0)) return sim_graph_capture_task(stream, task);
  if (__builtin_expect(stream->group != NULL, 0) && task->kind != SIM_TASK_APPLY && task->kind != SIM_TASK_RECORD && task->kind != SIM_TASK_WAIT) {
    return sim_group_replace(stream, task); /* events only order the replacement */
  }
  if (__builtin_expect(stream->kept != NULL, 0)) return sim_build_keep(stream, task);
  if (__builtin_expect(sim_stream_stopped(stream), 0)) {
    sim_task_give(task);
    return sim_fail(stream->context->failed, "a task of the context failed, and its streams stop on failure");
  }
  uint64_t now = sim_engine_now();
  sim_device *device = stream->device;
  if (device->first_ns == SIM_NEVER) device->first_ns = now;
  task->enqueue_ns = now;
  task->next = NULL;
  if (stream->head == NULL) {
    stream->head = task;
  } else {
    stream->tail->next = task;
  }
  stream->tail = task;
  stream->submitted++;
  sim_self.last_task = (uint32_t)stream->submitted;
  stream->floor_submitted_ns += floor_of(task);
  if (sim_shared != NULL) {
    if (stream->ahead == NULL) stream->ahead = task;
    sim_lanes_publish(stream);
  } else if (stream->state == SIM_STREAM_IDLE) {
    sim_engine_make_due(stream, now);
  }
  if (__builtin_expect(sim_engine.background_asleep, 0)) sim_background_wake();
  return ACL_SUCCESS;
}
