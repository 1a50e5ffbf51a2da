/*
 * Streams that wait for something else than time: a record, a signal. They stand in a list of what they wait for, in the
 * order in which they came, and those that wait only so long in another. Who has waited long enough goes on with an
 * error of its stream, which the next synchronization says.
 */
#include "engine.h"
#include "signals.h"

#include <time.h>

static sim_stream *timed;

static uint64_t host_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

bool sim_gate_passes(sim_stream *stream, const sim_task *task) {
  if (stream->granted) {
    stream->granted = false;
    return true;
  }
  if (sim_stream_stopped(stream)) return true;
  return task->kind == SIM_TASK_WAIT ? task->u.record->done : sim_signal_take(task);
}

void sim_gate_block(sim_stream *stream, const sim_task *task) {
  stream->state = SIM_STREAM_BLOCKED;
  stream->blocked_on = task->kind == SIM_TASK_WAIT ? &task->u.record->blocked : sim_signal_blocked(task);
  sim_stream **link = stream->blocked_on;
  while (*link != NULL) link = &(*link)->blocked_next;
  stream->blocked_next = NULL;
  *link = stream;
  stream->deadline_ns = SIM_NEVER;
  if (task->timeout_ns == 0) return;
  stream->deadline_ns = sim_engine.played_ns + task->timeout_ns;
  stream->host_deadline_ns = host_ns() + task->timeout_ns;
  stream->timed_next = timed;
  timed = stream;
}

void sim_gate_leave(sim_stream *stream) {
  sim_stream **link = stream->blocked_on;
  while (*link != stream) link = &(*link)->blocked_next;
  *link = stream->blocked_next;
  stream->blocked_next = NULL;
  stream->blocked_on = NULL;
  if (stream->deadline_ns == SIM_NEVER) return;
  for (link = &timed; *link != stream;) link = &(*link)->timed_next;
  *link = stream->timed_next;
}

void sim_gate_open(sim_stream *stream, uint64_t at_ns) {
  sim_gate_leave(stream);
  stream->granted = true;
  sim_engine_make_due(stream, at_ns);
}

/*
 * Where device time jumps, nobody knows what the program submits before the time is up: there it is up when other work
 * has taken that long, or the host's clock has come so far.
 */
static uint64_t deadline_of(const sim_stream *stream) {
  if (sim_configuration.pace == SIM_PACE_CLOCK || stream->deadline_ns <= sim_engine.played_ns) return stream->deadline_ns;
  return host_ns() >= stream->host_deadline_ns ? sim_engine.played_ns : SIM_NEVER;
}

uint64_t sim_gate_before(uint64_t at_ns) {
  uint64_t first = SIM_NEVER;
  for (const sim_stream *stream = timed; stream != NULL; stream = stream->timed_next) {
    if (stream->deadline_ns < first) first = stream->deadline_ns;
  }
  return first < at_ns ? first : SIM_NEVER;
}

uint64_t sim_gate_next(void) {
  uint64_t next = SIM_NEVER;
  for (const sim_stream *stream = timed; stream != NULL; stream = stream->timed_next) {
    uint64_t deadline = deadline_of(stream);
    if (deadline < next) next = deadline;
  }
  return next;
}

bool sim_gate_expire(void) {
  if (timed == NULL) return false;
  uint64_t now_ns = sim_engine_now();
  bool any = false;
  for (sim_stream *stream = timed, *next; stream != NULL; stream = next) {
    next = stream->timed_next;
    if (deadline_of(stream) > now_ns) continue;
    sim_stream_fail(stream, ACL_ERROR_RT_TASK_TIMEOUT);
    sim_gate_open(stream, now_ns);
    any = true;
  }
  return any;
}
