/*
 * Events between a graph and what runs outside of it, by the flag of a record or wait that is captured. Each run of the
 * graph has records of its own, which become the events' latest ones as the run is queued, and its waits are for what was
 * the latest then: to the events a run is like a record or wait at the call that queues it.
 */
#include <stdlib.h>

#include "engine.h"
#include "graph.h"
#include "machine.h"

/* A node of the graph about an event outside. */
typedef struct sim_outside {
  struct sim_outside *next; /* in the order of the nodes */
  sim_event *event;         /* NULL once it has ended */
  bool records;
  uint32_t node;
} sim_outside;

/* The operators of one run that stand in the places of those nodes; goes with its task. */
typedef struct sim_outside_run {
  uint32_t count;
  sim_task *operators[];
} sim_outside_run;

/* ---- capturing ---- */

aclError sim_event_use(sim_event_use_kind *before, sim_event_use_kind now) {
  if (*before != SIM_USE_NONE && *before != now) {
    return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "the event is used %s graphs", now == SIM_USE_OUTSIDE ? "without" : "between");
  }
  *before = now;
  return ACL_SUCCESS;
}

static const sim_outside *find(const sim_graph *graph, const sim_event *event) {
  const sim_outside *outside = graph->outside;
  while (outside != NULL && outside->event != event) outside = outside->next;
  return outside;
}

aclrtEvent sim_outside_event(const sim_graph *graph, uint32_t node, uint32_t *flags) {
  const sim_outside *outside = graph->outside;
  while (outside != NULL && outside->node != node) outside = outside->next;
  sim_event *event = outside != NULL ? outside->event : NULL;
  *flags = event != NULL ? event->flags : 0;
  return event;
}

static aclError add(sim_stream *stream, sim_event *event, bool records) {
  sim_graph *graph = stream->capture;
  if (find(graph, event) != NULL) return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "the graph has a record of the event or a wait for it already");
  if (event->latest != NULL && !event->outside) return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "the event was recorded before it was used between graphs");
  sim_outside *outside = calloc(1, sizeof *outside);
  sim_task *task = outside != NULL ? sim_task_take(SIM_TASK_OUTSIDE) : NULL;
  if (task == NULL) {
    free(outside);
    return sim_fail(ACL_ERROR_RT_MEMORY_ALLOCATION, "no host memory for a task");
  }
  *outside = (sim_outside){.event = event, .records = records, .node = graph->node_count};
  task->u.outside.number = graph->outside_count;
  task->u.outside.records = records;
  aclError error = sim_graph_capture_task(stream, task);
  if (graph->node_count == outside->node) { /* it was not taken */
    free(outside);
    return error;
  }
  sim_outside **end = &graph->outside;
  while (*end != NULL) end = &(*end)->next;
  *end = outside;
  graph->outside_count++;
  event->outside = true;
  return error;
}

aclError sim_outside_capture(aclrtEvent handle, aclrtStream stream_handle, bool records) {
  sim_engine_lock();
  aclError error;
  sim_event *event = sim_event_of(handle, &error);
  sim_stream *stream = NULL;
  if (event != NULL && (!event->extended || event->flags != ACL_EVENT_SYNC)) {
    error = sim_fail(ACL_ERROR_RT_FEATURE_NOT_SUPPORT, "between graphs there are events of aclrtCreateEventExWithFlag and ACL_EVENT_SYNC only");
  } else if (event != NULL) {
    error = sim_event_use(records ? &event->record_use : &event->wait_use, SIM_USE_OUTSIDE);
    stream = error == ACL_SUCCESS ? sim_stream_of(stream_handle, &error) : NULL;
  }
  if (stream != NULL && stream->capture == NULL) {
    error = sim_fail(ACL_ERROR_RT_STREAM_NOT_CAPTURED, "stream %d is not being captured", stream->id);
  } else if (stream != NULL && stream->capture->branch) {
    error = sim_fail(ACL_ERROR_RT_FEATURE_NOT_SUPPORT, "a branch of a graph has no events outside of it");
  } else if (stream != NULL) {
    error = add(stream, event, records);
  }
  sim_engine_unlock();
  return error;
}

/* ---- runs ---- */

/* A record that is to become the event's latest, or a wait for the latest one; a reset of nothing where there is none. */
static sim_task *operator_of(const sim_outside *outside) {
  sim_record *latest = outside->event != NULL ? outside->event->latest : NULL;
  sim_task *task = sim_task_take(outside->records ? SIM_TASK_RECORD : latest != NULL ? SIM_TASK_WAIT : SIM_TASK_RESET);
  if (task == NULL) return NULL;
  if (outside->records) {
    task->u.record = sim_record_create();
    if (task->u.record != NULL) return task;
    task->kind = SIM_TASK_RESET;
    sim_task_give(task);
    return NULL;
  }
  task->u.record = latest;
  if (latest != NULL) latest->references++;
  return task;
}

static void take_effect(const sim_outside *outside, sim_task *task) {
  if (task->kind == SIM_TASK_WAIT) {
    task->u.record->waits++;
    if (sim_shared != NULL) sim_lanes_hold(task->u.record);
  }
  if (task->kind != SIM_TASK_RECORD || outside->event == NULL) return;
  task->u.record->references++;
  if (outside->event->latest != NULL) sim_record_release(outside->event->latest);
  outside->event->latest = task->u.record;
}

static sim_outside_run *run_of(const sim_task *task) { return task->u.graph->built ? NULL : task->extra; }

aclError sim_outside_prepare(sim_task *task) {
  const sim_graph *graph = task->u.graph;
  if (graph->outside_count == 0) return ACL_SUCCESS;
  sim_outside_run *run = calloc(1, sizeof *run + graph->outside_count * sizeof *run->operators);
  task->extra = run;
  for (const sim_outside *outside = graph->outside; run != NULL && outside != NULL; outside = outside->next) {
    sim_task *made = operator_of(outside);
    if (made == NULL) return sim_fail(ACL_ERROR_RT_MEMORY_ALLOCATION, "no host memory for a run of a graph");
    run->operators[run->count++] = made;
  }
  if (run == NULL) return sim_fail(ACL_ERROR_RT_MEMORY_ALLOCATION, "no host memory for a run of a graph");
  uint32_t number = 0;
  for (const sim_outside *outside = graph->outside; outside != NULL; outside = outside->next) take_effect(outside, run->operators[number++]);
  return ACL_SUCCESS;
}

const sim_task *sim_outside_operator(const sim_task *task, const sim_task *node) {
  return run_of(task)->operators[node->u.outside.number];
}

void sim_outside_give(sim_task *task) {
  sim_outside_run *run = run_of(task);
  for (uint32_t i = 0; run != NULL && i < run->count; i++) sim_task_give(run->operators[i]);
}

/* The node of the graph itself, not of a branch, at which the stream's first run stands. */
static uint32_t place_of(const sim_stream *stream) {
  uint32_t node = stream->graph_node;
  for (const sim_graph *at = stream->graph_at; at != NULL && at->parent != NULL; at = at->parent) node = at->parent_node;
  return node;
}

void sim_outside_drop(const sim_stream *stream) {
  uint32_t place = place_of(stream);
  for (const sim_task *task = stream->head; task != NULL; task = task->next, place = 0) {
    const sim_outside_run *run = task->kind == SIM_TASK_GRAPH ? run_of(task) : NULL;
    const sim_outside *outside = run != NULL ? task->u.graph->outside : NULL;
    for (uint32_t i = 0; outside != NULL; outside = outside->next, i++) {
      sim_record *record = run->operators[i]->u.record;
      if (outside->node < place || record == NULL) continue;
      if (outside->records) sim_record_complete(record, sim_engine.played_ns);
      else record->waits--;
    }
  }
}

/* ---- ends ---- */

void sim_outside_forget(sim_event *event) {
  for (uint32_t i = 0; event->outside && i < sim_graphs.touched; i++) {
    const sim_graph *graph = sim_slab_at(&sim_graphs, i);
    if (!graph->slot.live) continue;
    for (sim_outside *outside = graph->outside; outside != NULL; outside = outside->next)
      if (outside->event == event) outside->event = NULL;
  }
}

void sim_outside_free(sim_graph *graph) {
  while (graph->outside != NULL) {
    sim_outside *outside = graph->outside;
    graph->outside = outside->next;
    free(outside);
  }
}
