/*
 * This process's streams on a shared machine: what is submitted goes to the stream's lane with its work, as far as that
 * is known; what the machine says has ended is taken back in the machine's order, and only then its function runs and
 * its records complete. Where the machine cannot know how a stream goes on (a wait for a record, work that depends on
 * device memory) its lane has a question: a mark at which the machine waits until this process has looked.
 *
 * Invariant: the nodes of a stream, in order, are its queued tasks from the head (a graph: one node an operator), then
 * perhaps one question.
 */
#include <string.h>

#include "engine.h"
#include "graph.h"
#include "ipc.h"
#include "machine.h"

/* Operators of one stream that the machine knows ahead, so that one does not take all the room. */
#define NODES_A_STREAM 512u
/* Room for one operator and one question of every lane. */
#define NODES_IN_RESERVE (2u * SIM_LANES)

static uint32_t free_nodes[SIM_NODES];
static uint32_t free_count;
static uint32_t behind[SIM_NODES];      /* the stream's next node */
static bool is_question[SIM_NODES];
static sim_stream *streams[SIM_LANES];
static uint32_t without_lane;           /* streams that found none: SIM_STREAM_DUE */
static bool prepared;

static void prepare(void) {
  if (prepared) return;
  prepared = true;
  for (uint32_t i = 0; i < SIM_NODES; i++) free_nodes[i] = SIM_NODES - 1 - i;
  free_count = SIM_NODES;
}

/* ---- lanes ---- */

/* Machine lock held, as for all of this part. */
static void give_lane(sim_stream *stream) {
  if (stream->lane == SIM_NONE) return;
  sim_lane_clear(sim_my_index, stream->lane);
  streams[stream->lane] = NULL;
  stream->lane = SIM_NONE;
}

/* A lane for the stream from `at_ns` on; idle streams' lanes are taken where none is free. */
static bool take_lane(sim_stream *stream, uint64_t at_ns) {
  sim_member *me = sim_me();
  uint32_t free_lane = SIM_NONE;
  for (uint32_t i = 0; i < SIM_LANES && free_lane == SIM_NONE; i++) {
    if (streams[i] == NULL) free_lane = i;
  }
  for (uint32_t i = 0; i < SIM_LANES && free_lane == SIM_NONE; i++) {
    if (streams[i]->head != NULL || streams[i]->executing) continue;
    give_lane(streams[i]);
    free_lane = i;
  }
  if (free_lane == SIM_NONE) return false;
  if (free_lane >= me->lane_high) {
    SIM_NOTE(me->lane_high);
    me->lane_high = free_lane + 1;
  }
  sim_lane *lane = &me->lanes[free_lane];
  sim_machine_note(lane, sizeof *lane);
  *lane = (sim_lane){.state = SIM_LANE_IDLE, .device = stream->device->index, .current = SIM_NONE, .last = SIM_NONE, .at_ns = at_ns};
  streams[free_lane] = stream;
  stream->lane = free_lane;
  return true;
}

/* ---- nodes ---- */

static bool crowded(const sim_stream *stream) {
  if (free_count == 0) return true;
  return stream->node_count > 0 && (stream->node_count >= NODES_A_STREAM || free_count <= NODES_IN_RESERVE);
}

/* Puts a node at the end of the stream and its lane. */
static uint32_t append(sim_stream *stream, const sim_node *node, bool question) {
  sim_member *me = sim_me();
  uint32_t index = free_nodes[--free_count];
  sim_lane *lane = &me->lanes[stream->lane];
  me->nodes[index] = *node; /* nobody knows it yet */
  me->nodes[index].next = SIM_NONE;
  is_question[index] = question;
  behind[index] = SIM_NONE;
  if (stream->first_node == SIM_NONE) stream->first_node = index;
  else behind[stream->last_node] = index;
  stream->last_node = index;
  stream->node_count++;
  if (lane->last != SIM_NONE) {
    SIM_NOTE(me->nodes[lane->last].next);
    me->nodes[lane->last].next = index;
  }
  sim_machine_note(lane, sizeof *lane);
  lane->last = index;
  if (lane->state == SIM_LANE_IDLE) {
    uint64_t from_ns = lane->at_ns > sim_shared->now_ns ? lane->at_ns : sim_shared->now_ns;
    sim_lane_enter(me, lane, index, from_ns);
  }
  return index;
}

static void ask(sim_stream *stream, uint64_t enqueue_ns) {
  append(stream, &(sim_node){.kind = SIM_NODE_MARK, .hold = 1, .enqueue_ns = enqueue_ns}, true);
  stream->looking = true;
}

static void free_node(sim_stream *stream, uint32_t index) {
  stream->node_count--;
  free_nodes[free_count++] = index;
}

/* ---- letting the machine know ---- */

/* The work of a kernel, copy or fill; false where it is known only when it begins. */
static bool work_of(const sim_task *task, bool in_graph, bool begins, sim_node *node) {
  *node = (sim_node){.in_graph = in_graph};
  if (task->kind != SIM_TASK_KERNEL) {
    node->kind = SIM_NODE_COPY;
    node->direction = task->kind == SIM_TASK_COPY ? task->u.copy.direction : SIM_FILL;
    node->work.hbm_bytes = task->kind == SIM_TASK_COPY ? task->u.copy.bytes : task->u.fill.bytes;
    return true;
  }
  const sim_function *function = task->u.kernel.function;
  if (!begins && (task->u.kernel.on_device || !function->binary->work_from_args)) return false;
  npu_sim_launch launch = {task->u.kernel.args, task->u.kernel.args_bytes, task->u.kernel.blocks};
  node->kind = SIM_NODE_KERNEL;
  node->blocks = task->u.kernel.blocks;
  function->work(&launch, &node->work);
  return true;
}

/* What became of the next operator of the stream. */
typedef enum { KNOWN, ASKED, PARKED } told;

/* One more operator. `begins`: the stream is here now, and everything before it has run. */
static told tell(sim_stream *stream, bool *begins) {
  sim_task *task = stream->ahead;
  sim_node node = {.kind = SIM_NODE_MARK, .enqueue_ns = task->enqueue_ns};
  const sim_task *operator= task;
  bool in_graph = task->kind == SIM_TASK_GRAPH;
  if (in_graph && task->u.graph->node_count > 0) operator= sim_graph_operator(task, task->u.graph->nodes[stream->ahead_node]);
  switch (operator->kind) {
    case SIM_TASK_WAIT:
    case SIM_TASK_AWAIT:
      /* What a wait for a signal finds is taken from others, so only when the stream is there. */
      if (!*begins && !stream->granted && (operator->kind == SIM_TASK_AWAIT || !operator->u.record->done)) {
        ask(stream, task->enqueue_ns);
        return ASKED;
      }
      if (!sim_gate_passes(stream, operator)) return PARKED;
      append(stream, &node, false);
      break;
    case SIM_TASK_RAISE:
    case SIM_TASK_APPLY:
      node.hold = 1;
      append(stream, &node, false);
      break;
    case SIM_TASK_RECORD:
      node.hold = operator->u.record->waits > 0 || sim_ipc_is_shared(operator->u.record);
      operator->u.record->node = append(stream, &node, false);
      break;
    case SIM_TASK_RESET:
    case SIM_TASK_GRAPH: /* without operators */
      append(stream, &node, false);
      break;
    default:
      if (!work_of(operator, in_graph && stream->ahead_node > 0, *begins, &node)) {
        ask(stream, task->enqueue_ns);
        return ASKED;
      }
      node.enqueue_ns = task->enqueue_ns;
      append(stream, &node, false);
      break;
  }
  *begins = false; /* what follows has something before it that has not run */
  if (in_graph && ++stream->ahead_node < task->u.graph->node_count) return KNOWN;
  stream->ahead_node = 0;
  stream->ahead = task->next;
  return KNOWN;
}

/* Everything that can be known; false where the stream has to wait for a record here and now. Machine lock held. */
static bool tell_all(sim_stream *stream, bool begins) {
  while (stream->ahead != NULL && !stream->looking) {
    if (crowded(stream)) {
      if (free_count > 0) ask(stream, stream->ahead->enqueue_ns);
      return true;
    }
    if (tell(stream, &begins) == PARKED) return false;
  }
  return true;
}

/* Machine lock held. */
static void publish(sim_stream *stream, uint64_t at_ns) {
  if (stream->lane == SIM_NONE && !take_lane(stream, at_ns)) {
    if (stream->state != SIM_STREAM_DUE) without_lane++;
    stream->state = SIM_STREAM_DUE;
    stream->due_ns = at_ns;
    return;
  }
  tell_all(stream, false);
}

void sim_lanes_publish(sim_stream *stream) {
  if (stream->state != SIM_STREAM_IDLE || stream->looking) return;
  prepare();
  sim_machine_lock();
  publish(stream, sim_shared->now_ns);
  sim_machine_unlock();
}

void sim_lanes_resume(sim_stream *stream, uint64_t at_ns) {
  stream->state = SIM_STREAM_IDLE;
  sim_machine_lock();
  publish(stream, at_ns);
  sim_machine_unlock();
}

/* Lanes have become free: those that found none before. */
static void publish_waiting(void) {
  for (uint32_t i = 0; i < sim_streams.touched && without_lane > 0; i++) {
    sim_stream *stream = sim_slab_at(&sim_streams, i);
    if (!stream->slot.live || stream->state != SIM_STREAM_DUE) continue;
    without_lane--;
    stream->state = SIM_STREAM_IDLE;
    sim_lanes_resume(stream, stream->due_ns);
    if (stream->state == SIM_STREAM_DUE) return;
  }
}

void sim_lanes_drop(sim_stream *stream) {
  if (stream->state == SIM_STREAM_DUE) {
    without_lane--;
    stream->state = SIM_STREAM_IDLE;
  }
  sim_machine_lock();
  for (uint32_t i = stream->first_node; i != SIM_NONE;) {
    uint32_t next = behind[i];
    free_node(stream, i);
    i = next;
  }
  stream->first_node = SIM_NONE;
  stream->ahead = NULL;
  give_lane(stream);
  sim_member_settle(sim_my_index);
  sim_machine_unlock();
}

void sim_lanes_hold(sim_record *record) {
  if (record->node == SIM_NONE) return; /* not known yet, then it is told with the hold */
  sim_machine_lock();
  sim_node *node = &sim_me()->nodes[record->node];
  if (node->end_order == 0) {
    SIM_NOTE(node->hold);
    node->hold = 1;
  }
  sim_machine_unlock();
}

/* ---- taking back what has ended ---- */

/* The stream whose first node is the earliest that ended, or NULL. */
static sim_stream *earliest_end(void) {
  uint64_t committed = __atomic_load_n(&sim_shared->committed_order, __ATOMIC_ACQUIRE), earliest = committed + 1;
  sim_stream *found = NULL;
  for (uint32_t i = 0; i < sim_me()->lane_high; i++) {
    if (streams[i] == NULL || streams[i]->first_node == SIM_NONE) continue;
    uint64_t order = __atomic_load_n(&sim_me()->nodes[streams[i]->first_node].end_order, __ATOMIC_ACQUIRE);
    if (order == 0 || order >= earliest) continue;
    earliest = order;
    found = streams[i];
  }
  return found;
}

/* The question at the stream's head: with everything before it done, how does it go on? */
static void look(sim_stream *stream) {
  stream->looking = false;
  sim_machine_lock();
  if (!tell_all(stream, true)) {
    const sim_task *task = stream->head;
    sim_gate_block(stream, task->kind == SIM_TASK_GRAPH ? sim_graph_operator(task, task->u.graph->nodes[stream->ahead_node]) : task);
    give_lane(stream);
  }
  sim_machine_unlock();
}

/* The held lane goes on behind its node. */
static void go_on(sim_stream *stream, uint32_t node) {
  sim_member *me = sim_me();
  sim_machine_lock();
  if (stream != NULL && stream->lane != SIM_NONE) {
    sim_lane *lane = &me->lanes[stream->lane];
    if (lane->state == SIM_LANE_HELD && lane->current == node) sim_lane_enter(me, lane, me->nodes[node].next, sim_shared->now_ns);
  }
  sim_member_settle(sim_my_index);
  sim_machine_unlock();
}

/* Takes the first node of the stream back. */
static void take_back(sim_stream *stream) {
  uint32_t index = stream->first_node;
  const sim_node *node = &sim_me()->nodes[index];
  uint64_t at_ns = node->end_ns, serial = stream->serial;
  bool held = node->hold != 0;
  stream->first_node = behind[index];
  if (at_ns > sim_engine.played_ns) sim_engine.played_ns = at_ns;
  if (is_question[index]) look(stream);
  else sim_play_end(stream, at_ns);
  bool there = stream->slot.live && stream->serial == serial;
  if (held) go_on(there ? stream : NULL, index);
  if (there) {
    free_node(stream, index);
    if (stream->ahead != NULL) sim_lanes_publish(stream);
  } else {
    free_nodes[free_count++] = index;
  }
  if (without_lane > 0) publish_waiting();
}

uint64_t sim_lanes_next(void) {
  if (earliest_end() != NULL) return __atomic_load_n(&sim_shared->now_ns, __ATOMIC_ACQUIRE);
  uint64_t machine = sim_machine_next(), gate = sim_gate_next();
  return gate < machine ? gate : machine;
}

bool sim_lanes_play(uint64_t to_ns, const sim_waiter *until, uint64_t steps, bool *blocked) {
  *blocked = false;
  prepare();
  while (steps > 0 && !(until != NULL && sim_waiter_satisfied(until))) {
    sim_stream *stream = earliest_end();
    if (stream != NULL) {
      take_back(stream);
      steps--;
      if (sim_engine.waiters != NULL) sim_engine_wake_waiters();
      continue;
    }
    if (sim_gate_expire() || sim_ipc_look()) {
      if (sim_engine.waiters != NULL) sim_engine_wake_waiters();
      continue;
    }
    /* As fast as possible means: one thing at a time, so that time never passes the moment that is waited for. */
    uint64_t played = sim_configuration.pace == SIM_PACE_CLOCK ? 4096 : 1;
    sim_run run = sim_machine_run(to_ns, &played);
    if (played == 0 && run == SIM_RUN_DONE) break;
    if (played == 0 && run == SIM_RUN_THEIRS) {
      *blocked = true;
      break;
    }
    if (played == 0 && earliest_end() == NULL && !sim_ipc_look()) go_on(NULL, SIM_NONE); /* nothing to do after all */
    steps -= played > 0 && sim_configuration.pace != SIM_PACE_CLOCK ? 1 : 0;
  }
  return true;
}
