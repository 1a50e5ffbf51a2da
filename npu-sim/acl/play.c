/*
 * The leader's part of the engine: it takes the earliest thing that is due (the end of some work, or a stream to look
 * at), moves the model there, runs the function that ended, and starts what comes next. One thread leads at a time; it
 * leaves the lock only while a function runs, so functions run in model order and submitters never wait for them.
 */
#include "callback.h"
#include "engine.h"
#include "graph.h"
#include "machine.h"
#include "move.h"
#include "signals.h"
#include "listeners.h"

#include <string.h>

uint64_t sim_engine_next(void) {
  if (sim_shared != NULL) return sim_lanes_next();
  uint64_t next = sim_gate_next();
  if (sim_engine.due_count > 0 && sim_engine.due[0]->due_ns < next) next = sim_engine.due[0]->due_ns;
  for (uint32_t i = 0; i < sim_configuration.devices; i++) {
    sim_device *device = sim_device_slot(i);
    if (device->model != NULL && device->model_next_ns < next) next = device->model_next_ns;
  }
  return next;
}

bool sim_waiter_satisfied(const sim_waiter *waiter) {
  if (waiter->record != NULL) return waiter->record->done;
  if (waiter->subscriber != NULL) return sim_subscriber_ready(waiter->subscriber);
  /* A stream that ended meanwhile has nothing left to wait for; its slot may be another stream already. */
  return waiter->stream->serial != waiter->serial || waiter->stream->completed >= waiter->target;
}

/* What the task does to memory. Without the lock. */
static void execute(const sim_task *task) {
  switch (task->kind) {
    case SIM_TASK_KERNEL: {
      npu_sim_launch launch = {task->u.kernel.args, task->u.kernel.args_bytes, task->u.kernel.blocks};
      task->u.kernel.function->compute(&launch);
      break;
    }
    case SIM_TASK_COPY:
      if (task->u.copy.move != NULL) task->u.copy.move(task);
      else if (task->u.copy.direction == SIM_FROM_DEVICE) memmove(task->u.copy.to, task->u.copy.from, task->u.copy.bytes);
      else sim_move(task->u.copy.to, task->u.copy.from, task->u.copy.bytes);
      break;
    case SIM_TASK_FILL:
      memset(task->u.fill.to, task->u.fill.value, task->u.fill.bytes);
      break;
    default:
      break;
  }
}

/* What a branch reads. */
#define BRANCH_BYTES 8u

/* Hands work to the model; false where the model cannot take it. */
static bool start(sim_stream *stream, const sim_task *task, bool in_graph) {
  sim_model *model = stream->device->model;
  bool running = false;
  if (task->kind == SIM_TASK_KERNEL) {
    sim_work_request request = {.tag = stream->slot.index, .in_graph = in_graph, .blocks = task->u.kernel.blocks};
    npu_sim_launch launch = {task->u.kernel.args, task->u.kernel.args_bytes, task->u.kernel.blocks};
    task->u.kernel.function->work(&launch, &request.work);
    running = sim_model_start_kernel(model, &request);
  } else {
    sim_direction direction = task->kind == SIM_TASK_COPY ? task->u.copy.direction : SIM_FILL;
    uint64_t bytes = task->kind == SIM_TASK_COPY ? task->u.copy.bytes : task->kind == SIM_TASK_FILL ? task->u.fill.bytes : BRANCH_BYTES;
    running = sim_model_start_copy(model, stream->slot.index, in_graph, direction, bytes);
  }
  stream->device->model_next_ns = sim_model_next(model);
  return running;
}

/* The head is done: off the queue. */
static void pop(sim_stream *stream) {
  sim_task *task = stream->head;
  stream->head = task->next;
  if (stream->head == NULL) stream->tail = NULL;
  stream->completed++;
  if (sim_task_is_timed(task)) stream->floor_completed_ns += SIM_FLOOR_EAGER_NS;
  sim_task_give(task);
}

/* What a kernel said of its end. */
static void heed(sim_stream *stream, const sim_task *task) {
  uint32_t *place = task->u.kernel.function->binary->outcome;
  uint32_t outcome = place != NULL ? *place : 0;
  if (__builtin_expect(outcome == 0, 1)) return;
  *place = 0;
  if ((outcome & NPU_SIM_OVERFLOW) != 0) stream->device->overflowed = true;
  if ((outcome & NPU_SIM_EXCEPTION) == 0) return;
  stream->device->excepted = true;
  sim_stream_fail(stream, ACL_ERROR_RT_AICORE_EXCEPTION);
  sim_exception(stream, task, ACL_ERROR_RT_AICORE_EXCEPTION);
}

/* Runs the function of the stream's present work and counts it. */
static void finish(sim_stream *stream, const sim_task *task, uint64_t at_ns) {
  sim_device *device = stream->device;
  if (sim_stream_stopped(stream)) return;
  stream->executing = true;
  sim_engine_unlock();
  execute(task);
  sim_engine_lock();
  stream->executing = false;
  if (task->kind == SIM_TASK_KERNEL) heed(stream, task);
  sim_signal_look(at_ns);
  device->last_ns = at_ns;
  if (task->kind == SIM_TASK_KERNEL) device->kernels++;
  else if (task->kind == SIM_TASK_COPY) device->copies++;
  else if (task->kind == SIM_TASK_FILL) device->fills++;
}

static void apply(sim_stream *stream, const sim_task *task) {
  if (!sim_stream_stopped(stream)) task->u.apply.function(stream, task);
  else if (task->u.apply.drop != NULL) task->u.apply.drop(stream, task);
}

/* What became of an operator when the stream came to it. */
typedef enum { BEGUN_OVER, BEGUN_RUNS, BEGUN_BLOCKED, BEGUN_DOOMED } begun;

static begun begin(sim_stream *stream, const sim_task *task, bool in_graph, uint64_t at_ns) {
  switch (task->kind) {
    case SIM_TASK_RECORD:
      sim_record_complete(task->u.record, at_ns);
      return BEGUN_OVER;
    case SIM_TASK_WAIT:
    case SIM_TASK_AWAIT:
      if (!sim_gate_passes(stream, task)) {
        sim_gate_block(stream, task);
        return BEGUN_BLOCKED;
      }
      if (task->kind == SIM_TASK_WAIT) task->u.record->waits--;
      return BEGUN_OVER;
    case SIM_TASK_RAISE:
      sim_signal_raise(task, at_ns);
      return BEGUN_OVER;
    case SIM_TASK_APPLY:
      apply(stream, task);
      return BEGUN_OVER;
    case SIM_TASK_RESET:
    case SIM_TASK_GRAPH:
      return BEGUN_OVER;
    case SIM_TASK_BRANCH:
      if (!task->u.branch.takes_time) return BEGUN_OVER;
      /* fall through */
    default:
      if (sim_stream_stopped(stream)) return BEGUN_OVER;
      stream->state = SIM_STREAM_RUNNING;
      if (start(stream, task, in_graph)) return BEGUN_RUNS;
      finish(stream, task, at_ns); /* a broken model: the work takes no time */
      return stream->doomed ? BEGUN_DOOMED : BEGUN_OVER;
  }
}

/* One more node of the graph is over. */
static void next_node(sim_stream *stream, const sim_task *node) {
  bool branches = stream->head->u.graph->branches;
  if (node->kind == SIM_TASK_BRANCH && !sim_stream_stopped(stream)) node->u.branch.go(stream, node);
  else stream->graph_node++;
  if (!branches && sim_task_is_timed(node)) stream->floor_completed_ns += SIM_FLOOR_GRAPH_NS;
}

/* Looks at the head of a stream at its time, and on until something takes time. */
static void look(sim_stream *stream, uint64_t at_ns) {
  while (stream->head != NULL) {
    sim_task *task = stream->head;
    if (task->enqueue_ns > at_ns) {
      sim_engine_make_due(stream, task->enqueue_ns);
      return;
    }
    if (task->kind == SIM_TASK_GRAPH && stream->graph_node < sim_graph_here(stream)->node_count) {
      const sim_task *node = sim_graph_node(stream);
      if (begin(stream, node, stream->graph_node > 0 || stream->graph_at != NULL, at_ns) != BEGUN_OVER) return;
      next_node(stream, node);
      continue;
    }
    if (task->kind == SIM_TASK_GRAPH) {
      if (!sim_stream_stopped(stream) && (sim_branch_return(stream) || sim_build_return(stream))) continue;
      stream->graph_node = 0;
      stream->graph_at = NULL;
      stream->device->graphs++;
    } else if (begin(stream, task, false, at_ns) != BEGUN_OVER) {
      return;
    }
    pop(stream);
  }
  stream->state = SIM_STREAM_IDLE;
}

/* The model says that the stream's work ended. */
static void complete(sim_stream *stream, uint64_t at_ns) {
  sim_task *task = stream->head;
  if (task->kind == SIM_TASK_GRAPH) {
    const sim_task *node = sim_graph_node(stream);
    finish(stream, node, at_ns);
    if (!stream->doomed) next_node(stream, node);
  } else {
    finish(stream, task, at_ns);
    if (!stream->doomed) pop(stream);
  }
  if (stream->doomed) {
    sim_stream_discard(stream);
    return;
  }
  look(stream, at_ns);
  if (stream->doomed) sim_stream_discard(stream);
}

/* The operator at the stream's head, or in the graph there, is over. */
static void end_operator(sim_stream *stream, const sim_task *task, uint64_t at_ns) {
  switch (task->kind) {
    case SIM_TASK_RECORD:
      sim_record_complete(task->u.record, at_ns);
      break;
    case SIM_TASK_WAIT:
      task->u.record->waits--;
      break;
    case SIM_TASK_RAISE:
      sim_signal_raise(task, at_ns);
      break;
    case SIM_TASK_APPLY:
      apply(stream, task);
      break;
    case SIM_TASK_AWAIT:
    case SIM_TASK_RESET:
    case SIM_TASK_GRAPH:
      break;
    default:
      finish(stream, task, at_ns);
      break;
  }
}

void sim_play_end(sim_stream *stream, uint64_t at_ns) {
  sim_task *task = stream->head;
  if (task->kind == SIM_TASK_GRAPH) {
    sim_graph *graph = task->u.graph;
    if (stream->graph_node < graph->node_count) {
      const sim_task *node = sim_graph_node(stream);
      end_operator(stream, node, at_ns);
      if (!stream->doomed) {
        next_node(stream, node);
        if (stream->graph_node < graph->node_count) return;
      }
    }
    stream->graph_node = 0;
    stream->device->graphs++;
  } else {
    end_operator(stream, task, at_ns);
  }
  if (stream->doomed) sim_stream_discard(stream);
  else pop(stream);
}

void sim_play_stop(sim_stream *stream) {
  sim_task *task = stream->head;
  sim_model_cancel(stream->device->model, stream->slot.index);
  stream->device->model_next_ns = sim_model_next(stream->device->model);
  if (task->kind == SIM_TASK_GRAPH) next_node(stream, sim_graph_node(stream));
  else pop(stream);
  sim_engine_make_due(stream, sim_engine_now());
  sim_engine_wake_waiters();
}

/* The device whose model has the earliest event, or NULL. */
static sim_device *earliest_device(void) {
  sim_device *earliest = NULL;
  for (uint32_t i = 0; i < sim_configuration.devices; i++) {
    sim_device *device = sim_device_slot(i);
    if (device->model == NULL || device->model_next_ns == SIM_NEVER) continue;
    if (earliest == NULL || device->model_next_ns < earliest->model_next_ns) earliest = device;
  }
  return earliest;
}

/* The one next thing; false where it comes after `to_ns`. */
static bool step(uint64_t to_ns) {
  sim_device *device = earliest_device();
  uint64_t ends_ns = device != NULL ? device->model_next_ns : SIM_NEVER;
  uint64_t due_ns = sim_engine.due_count > 0 ? sim_engine.due[0]->due_ns : SIM_NEVER;
  uint64_t at_ns = ends_ns <= due_ns ? ends_ns : due_ns, gate_ns = sim_gate_next();
  if (at_ns != SIM_NEVER && gate_ns == SIM_NEVER) gate_ns = sim_gate_before(at_ns);
  if (gate_ns < at_ns) {
    if (gate_ns > to_ns) return false;
    if (gate_ns > sim_engine.played_ns) sim_engine.played_ns = gate_ns;
    return sim_gate_expire();
  }
  if (at_ns > to_ns || at_ns == SIM_NEVER) return false;
  if (at_ns > sim_engine.played_ns) sim_engine.played_ns = at_ns;
  if (ends_ns <= due_ns) {
    uint64_t now_ns = at_ns;
    uint32_t tag = sim_model_advance(device->model, at_ns, &now_ns);
    if (tag != SIM_NO_TAG) complete(sim_slab_at(&sim_streams, tag), at_ns);
    if (device->model != NULL) device->model_next_ns = sim_model_next(device->model);
  } else {
    sim_stream *stream = sim_engine.due[0];
    sim_engine_forget_due(stream);
    uint64_t now_ns = at_ns;
    sim_model_advance(stream->device->model, at_ns, &now_ns);
    look(stream, at_ns);
    if (stream->doomed) sim_stream_discard(stream);
  }
  return true;
}

bool sim_engine_play(uint64_t to_ns, const sim_waiter *until, uint64_t steps) {
  if (sim_engine.leading) return false;
  sim_engine.leading = true;
  sim_signal_look(sim_engine.played_ns);
  if (sim_shared != NULL) sim_lanes_play(to_ns, until, steps, &sim_engine.blocked);
  else while (steps > 0 && !(until != NULL && sim_waiter_satisfied(until)) && step(to_ns)) {
    steps--;
    if (sim_engine.waiters != NULL) sim_engine_wake_waiters();
  }
  sim_engine.leading = false;
  for (sim_waiter *waiter = sim_engine.waiters; waiter != NULL; waiter = waiter->next) {
    if (!waiter->wants_lead) continue;
    waiter->wants_lead = false;
    sim_engine_wake(waiter);
    break;
  }
  return true;
}
