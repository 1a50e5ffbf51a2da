/*
 * Time on a shared machine: the earliest of all members' next things happens, whoever plays. A step changes rates,
 * ends a node and lets its lane go on; what a member has to do itself stops time there, for a dead member not at all
 * and for one that does not answer (stopped, in a debugger) only for a while.
 */
#include <errno.h>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "machine.h"

/* So long others wait for a member that lives but does not act; then it is late. */
#define PATIENCE_NS 100000000u
/* Steps between commits: bounds the notes of a change. */
#define STEPS_A_COMMIT 32u

static uint64_t host_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static uint32_t index_of(const sim_member *member) { return (uint32_t)(member - sim_shared->members); }

/* ---- lanes ---- */

void sim_lane_enter(sim_member *member, sim_lane *lane, uint32_t node, uint64_t at_ns) {
  sim_machine_note(lane, sizeof *lane);
  lane->current = node;
  lane->at_ns = at_ns;
  if (node == SIM_NONE) {
    lane->state = SIM_LANE_IDLE;
    lane->last = SIM_NONE; /* its member may use the node again */
    return;
  }
  lane->state = SIM_LANE_DUE;
  if (member->nodes[node].enqueue_ns > at_ns) lane->at_ns = member->nodes[node].enqueue_ns;
}

static void hold(sim_member *member, sim_lane *lane, uint64_t at_ns) {
  sim_machine_note(lane, sizeof *lane);
  lane->state = SIM_LANE_HELD;
  lane->at_ns = at_ns;
  if (at_ns < member->due_ns) {
    SIM_NOTE(member->due_ns);
    SIM_NOTE(member->due_since_ns);
    member->due_ns = at_ns;
    member->due_since_ns = host_ns();
  }
  if (index_of(member) != sim_my_index) sim_machine_tell(index_of(member));
}

/* The node that the lane is at ends. */
static void end_node(sim_member *member, sim_lane *lane, uint64_t at_ns) {
  sim_node *node = &member->nodes[lane->current];
  SIM_NOTE(node->end_ns);
  SIM_NOTE(node->end_order);
  SIM_NOTE(sim_shared->order);
  node->end_ns = at_ns;
  sim_shared->order++;
  __atomic_store_n(&node->end_order, sim_shared->order, __ATOMIC_RELEASE);
  if (node->hold) hold(member, lane, at_ns);
  else sim_lane_enter(member, lane, node->next, at_ns);
}

/* The lane's node begins: in the model, or, where it takes no time, it ends. */
static void begin_node(sim_member *member, uint32_t lane_index, uint64_t at_ns) {
  sim_lane *lane = &member->lanes[lane_index];
  const sim_node *node = &member->nodes[lane->current];
  sim_model *model = node->kind == SIM_NODE_MARK ? NULL : sim_machine_model_to_change(lane->device);
  bool running = false;
  if (model != NULL) {
    uint64_t now_ns = at_ns;
    uint32_t tag = index_of(member) * SIM_LANES + lane_index;
    sim_model_advance(model, at_ns, &now_ns);
    if (node->kind == SIM_NODE_KERNEL) {
      sim_work_request request = {.tag = tag, .in_graph = node->in_graph, .blocks = node->blocks, .work = node->work};
      running = sim_model_start_kernel(model, &request);
    } else {
      running = sim_model_start_copy(model, tag, node->in_graph, (sim_direction)node->direction, node->work.hbm_bytes);
    }
  }
  if (running) {
    SIM_NOTE(lane->state);
    lane->state = SIM_LANE_RUNNING;
  } else {
    end_node(member, lane, at_ns);
  }
}

void sim_lane_clear(uint32_t index, uint32_t lane_index) {
  sim_lane *lane = &sim_shared->members[index].lanes[lane_index];
  if (lane->state == SIM_LANE_RUNNING) {
    sim_model *model = sim_machine_model_to_change(lane->device);
    if (model != NULL) sim_model_cancel(model, index * SIM_LANES + lane_index);
  }
  sim_machine_note(lane, sizeof *lane);
  lane->state = SIM_LANE_FREE;
  lane->current = lane->last = SIM_NONE;
}

/* ---- steps ---- */

typedef struct {
  uint64_t at_ns;
  uint32_t device;     /* whose model has it; SIM_NONE: a lane is due */
  uint32_t member, lane;
} happening;

static happening next_happening(void) {
  happening next = {.at_ns = SIM_NEVER, .device = SIM_NONE};
  for (uint32_t device = 0; device < sim_shared->devices; device++) {
    sim_model *model = sim_machine_model(device);
    uint64_t at_ns = model != NULL ? sim_model_next(model) : SIM_NEVER;
    if (at_ns < next.at_ns) next = (happening){.at_ns = at_ns, .device = device};
  }
  for (uint32_t i = 0; i < SIM_MEMBERS; i++) {
    const sim_member *member = &sim_shared->members[i];
    for (uint32_t j = 0; member->used && j < member->lane_high; j++) {
      const sim_lane *lane = &member->lanes[j];
      /* A late one happens now, after what the models end now. */
      uint64_t at_ns = lane->at_ns > sim_shared->now_ns ? lane->at_ns : sim_shared->now_ns;
      if (lane->state != SIM_LANE_DUE || at_ns >= next.at_ns) continue;
      next = (happening){.at_ns = at_ns, .device = SIM_NONE, .member = i, .lane = j};
    }
  }
  return next;
}

/* Who has to act before that time: this member first; SIM_NONE where nobody has. */
static uint32_t holder_before(uint64_t at_ns) {
  if (sim_me()->due_ns < at_ns) return sim_my_index;
  for (uint32_t i = 0; i < SIM_MEMBERS; i++) {
    if (sim_shared->members[i].used && sim_shared->members[i].due_ns < at_ns) return i;
  }
  return SIM_NONE;
}

/* True where the machine need not wait for the member any more. */
static bool give_up_on(uint32_t index) {
  sim_member *member = &sim_shared->members[index];
  if (!sim_member_alive(index)) {
    sim_machine_bury();
    return true;
  }
  if (host_ns() - member->due_since_ns < PATIENCE_NS) {
    sim_machine_tell(index);
    return false;
  }
  SIM_NOTE(member->due_ns);
  member->due_ns = SIM_NEVER;
  return true;
}

static void happen(const happening *what) {
  if (what->at_ns > sim_shared->now_ns) {
    SIM_NOTE(sim_shared->now_ns);
    __atomic_store_n(&sim_shared->now_ns, what->at_ns, __ATOMIC_RELEASE);
  }
  if (what->device == SIM_NONE) {
    begin_node(&sim_shared->members[what->member], what->lane, sim_shared->now_ns);
    return;
  }
  uint64_t now_ns = what->at_ns;
  uint32_t tag = sim_model_advance(sim_machine_model_to_change(what->device), what->at_ns, &now_ns);
  if (tag == SIM_NO_TAG) return; /* the end of a latency */
  sim_member *member = &sim_shared->members[tag / SIM_LANES];
  end_node(member, &member->lanes[tag % SIM_LANES], what->at_ns);
}

/* When the member's work on the devices goes on next. */
static uint64_t next_of(uint32_t index) {
  const sim_member *member = &sim_shared->members[index];
  uint64_t next = member->due_ns < member->ipc_ns ? member->due_ns : member->ipc_ns;
  bool running = false;
  for (uint32_t i = 0; i < member->lane_high; i++) {
    const sim_lane *lane = &member->lanes[i];
    if (lane->state == SIM_LANE_RUNNING) running = true;
    if (lane->state == SIM_LANE_DUE && lane->at_ns < next) next = lane->at_ns;
  }
  for (uint32_t device = 0; running && device < sim_shared->devices; device++) {
    sim_model *model = sim_machine_model(device);
    uint64_t at_ns = model != NULL ? sim_model_next_of(model, index * SIM_LANES, SIM_LANES) : SIM_NEVER;
    if (at_ns < next) next = at_ns;
  }
  return next;
}

/* Others that sleep until their work ends may have become faster. */
static void tell_earlier(void) {
  for (uint32_t i = 0; i < SIM_MEMBERS; i++) {
    sim_member *member = &sim_shared->members[i];
    if (i == sim_my_index || !member->used || member->wake_before_ns == 0 || next_of(i) >= member->wake_before_ns) continue;
    SIM_NOTE(member->wake_before_ns);
    member->wake_before_ns = 0;
    sim_machine_tell(i);
  }
}

sim_run sim_machine_run(uint64_t to_ns, uint64_t *steps) {
  uint64_t done = 0;
  sim_run result = SIM_RUN_DONE;
  sim_machine_lock();
  while (done < *steps) {
    happening next = next_happening();
    if (next.at_ns == SIM_NEVER || next.at_ns > to_ns) next.at_ns = SIM_NEVER;
    uint32_t holder = holder_before(next.at_ns < to_ns ? next.at_ns : to_ns);
    if (holder == sim_my_index) {
      result = SIM_RUN_MINE;
      break;
    }
    if (next.at_ns == SIM_NEVER) break;
    if (holder != SIM_NONE) {
      if (give_up_on(holder)) continue;
      SIM_NOTE(sim_shared->blocked);
      sim_shared->blocked |= 1ull << sim_my_index;
      result = SIM_RUN_THEIRS;
      break;
    }
    happen(&next);
    if (++done % STEPS_A_COMMIT == 0) sim_machine_commit();
  }
  if (done > 0) tell_earlier();
  sim_machine_unlock();
  *steps = done;
  return result;
}

uint64_t sim_machine_next(void) {
  sim_machine_lock();
  sim_member *me = sim_me();
  uint64_t next = next_of(sim_my_index);
  SIM_NOTE(me->wake_before_ns);
  me->wake_before_ns = next == SIM_NEVER ? 0 : next;
  sim_machine_unlock();
  return next;
}

void sim_member_settle(uint32_t index) {
  sim_member *member = &sim_shared->members[index];
  uint64_t due_ns = member->ipc_ns;
  for (uint32_t i = 0; i < member->lane_high; i++) {
    const sim_lane *lane = &member->lanes[i];
    if (lane->state == SIM_LANE_HELD && lane->at_ns < due_ns) due_ns = lane->at_ns;
  }
  SIM_NOTE(member->due_ns);
  SIM_NOTE(member->due_since_ns);
  member->due_ns = due_ns;
  member->due_since_ns = host_ns();
  if (sim_shared->blocked == 0) return;
  for (uint32_t i = 0; i < SIM_MEMBERS; i++) {
    if (sim_shared->blocked >> i & 1) sim_machine_tell(i);
  }
  SIM_NOTE(sim_shared->blocked);
  sim_shared->blocked = 0;
}

/* ---- sleep ---- */

uint32_t sim_member_word(void) { return __atomic_load_n(&sim_me()->word, __ATOMIC_ACQUIRE); }

void sim_member_sleep(uint32_t seen, uint64_t deadline_ns) {
  struct timespec deadline = {.tv_sec = (time_t)(deadline_ns / 1000000000u), .tv_nsec = (long)(deadline_ns % 1000000000u)};
  /* BITSET: the deadline is a time of CLOCK_MONOTONIC. The word is shared between processes, so nothing is PRIVATE. */
  syscall(SYS_futex, &sim_me()->word, FUTEX_WAIT_BITSET, seen, &deadline, NULL, FUTEX_BITSET_MATCH_ANY);
}

void sim_member_wake(void) {
  __atomic_add_fetch(&sim_me()->word, 1, __ATOMIC_RELEASE);
  syscall(SYS_futex, &sim_me()->word, FUTEX_WAKE, INT32_MAX, NULL, NULL, 0);
}
