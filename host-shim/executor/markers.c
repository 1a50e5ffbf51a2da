/*
 * Markers: device events behind what was handed over. A marker that has passed is a completion for the core, with the
 * device time since the one before it where nothing lay between; and it answers who waits for the stream.
 */
#include <stdlib.h>

#include "boot/codes.h"
#include "executor/executor.h"
#include "executor/found.h"
#include "executor/serve.h"
#include "real_table.h"

typedef struct marker {
  struct marker *next;
  aclrtEvent event;
  aclrtContext context;
  uint64_t seq;
  uint32_t covers;
  bool timed; /* directly behind the one before it */
} marker;

typedef struct waiter {
  struct waiter *next;
  uint32_t place;
  uint64_t seq;
} waiter;

typedef struct stream {
  aclrtContext context;
  uint64_t handed, reported;
  uint64_t quiet_to; /* up to there nothing runs that no marker covers */
  _Atomic bool aside; /* what is handed over replaces operators of a graph, or is kept for one */
  marker *first, *last, *done;
  waiter *waiters;
  aclError error;  /* the first that no synchronization has said */
  aclError latest; /* of the last operator handed over */
  bool kept;       /* that is the one above */
  bool sampled; /* the last marker begins a sample */
} stream;

static stream streams[FLEXNPU_MAX_STREAMS];
/* Streams with markers under way, so that a look costs what is under way. */
static uint32_t busy[FLEXNPU_MAX_STREAMS], busy_count;
static marker *pool;
int fxd_captures;

uint64_t fxd_handed(uint32_t number) { return streams[number].handed; }
aclrtContext fxd_stream_context(uint32_t number) { return streams[number].context; }
void fxd_stream_begin(uint32_t number, aclrtContext context) { streams[number] = (stream){.context = context}; }

void fxd_count_handed(uint32_t number, aclError error) {
  stream *s = &streams[number];
  s->handed++;
  s->latest = error;
  s->kept = error != ACL_SUCCESS && s->error == ACL_SUCCESS;
  if (s->kept) s->error = error;
}

aclError fxd_stream_latest(uint32_t number) {
  stream *s = &streams[number];
  aclError error = s->latest;
  if (s->kept) s->error = ACL_SUCCESS;
  s->latest = ACL_SUCCESS;
  s->kept = false;
  return error;
}

aclError fxd_stream_error_take(uint32_t number) {
  aclError error = streams[number].error;
  streams[number].error = ACL_SUCCESS;
  return error;
}

static void give(marker *m) {
  m->next = pool;
  pool = m;
}

/* Events serve streams of the context in which they were made. */
static marker *take(aclrtContext context) {
  for (marker **at = &pool; *at != NULL; at = &(*at)->next) {
    marker *m = *at;
    if (m->context != context) continue;
    *at = m->next;
    return m;
  }
  marker *m = calloc(1, sizeof *m);
  if (m == NULL || fx_real.aclrtCreateEventWithFlag(&m->event, ACL_EVENT_TIME_LINE) != ACL_SUCCESS) {
    free(m);
    return NULL;
  }
  m->context = context;
  return m;
}

/* Whether a stream is being captured: it may have joined a capture through an event. Asked only while there is one. */
static bool captured(void *real) {
  aclmdlRICaptureStatus status = ACL_MODEL_RI_CAPTURE_STATUS_NONE;
  aclmdlRI graph;
  if (fxd_captures <= 0) return false;
  return fx_real.aclmdlRICaptureGetInfo(real, &status, &graph) == ACL_SUCCESS && status != ACL_MODEL_RI_CAPTURE_STATUS_NONE;
}

/*
 * Whether what is handed over to the stream does not run: it is captured, replaces operators of a graph, or is kept. No marker may
 * come among it, and it is complete when what came before is.
 */
static bool quiet(const stream *s, void *real) { return s->aside || captured(real); }

static void report(stream *s, uint32_t number, const marker *m);

/* Reports that, once no marker is under way any more. */
static void report_quiet(stream *s, uint32_t number) {
  if (s->first != NULL || s->quiet_to <= s->reported || fxd_found_room() <= 64) return;
  if (s->done != NULL) give(s->done);
  s->done = NULL; /* the next marker is behind more than itself */
  report(s, number, &(marker){.seq = s->quiet_to});
}

void fxd_stream_set_aside(uint32_t number, bool aside) { streams[number].aside = aside; }

/* The real library's error where it takes no event of the stream. */
static aclError put(uint32_t number, bool sample_start) {
  stream *s = &streams[number];
  void *real = fxd_stream_real(number);
  if (real == NULL) return ACL_SUCCESS;
  if (s->last != NULL && s->last->seq == s->handed && !sample_start) return ACL_SUCCESS; /* one is there */
  fxd_enter_any(s->context);
  if (quiet(s, real)) { /* it would become a part of the graph */
    s->quiet_to = s->handed;
    report_quiet(s, number);
    return ACL_SUCCESS;
  }
  marker *m = take(s->context);
  if (m == NULL) return ACL_SUCCESS;
  aclError error = fx_real.aclrtRecordEvent(m->event, real);
  if (error != ACL_SUCCESS) {
    give(m);
    return error;
  }
  const marker *before = s->last != NULL ? s->last : s->done;
  m->next = NULL;
  m->seq = s->handed;
  m->covers = before != NULL && m->seq > before->seq ? (uint32_t)(m->seq - before->seq) : 0;
  m->timed = s->last != NULL || s->sampled;
  s->sampled = sample_start;
  if (s->last != NULL) s->last->next = m;
  else {
    s->first = m;
    busy[busy_count++] = number;
  }
  s->last = m;
  return ACL_SUCCESS;
}

void fxd_marker_put(uint32_t number, bool sample_start) { (void)put(number, sample_start); }

static uint64_t device_ns(const marker *before, const marker *m) {
  float ms = 0;
  if (before == NULL || m->covers == 0 || !m->timed) return 0;
  if (fx_real.aclrtEventElapsedTime(&ms, before->event, m->event) != ACL_SUCCESS || !(ms >= 0)) return 0;
  uint64_t ns = (uint64_t)((double)ms * 1e6 + 0.5);
  return ns > 0 ? ns : 1; /* 0 is unknown */
}

static bool passed(const marker *m) {
  aclrtEventRecordedStatus status = ACL_EVENT_RECORDED_STATUS_NOT_READY;
  return fx_real.aclrtQueryEventStatus(m->event, &status) != ACL_SUCCESS || status == ACL_EVENT_RECORDED_STATUS_COMPLETE;
}

/*
 * What a synchronization of the stream says: that an operator was not taken, or else what the real library says of those
 * that ran. It is asked where nothing is under way, so that the loop does not wait; where something is, the next one says it.
 */
static aclError said(uint32_t number) {
  const stream *s = &streams[number];
  aclError error = fxd_stream_error_take(number);
  void *real = fxd_stream_real(number);
  if (error != ACL_SUCCESS || real == NULL || s->first != NULL || s->handed > s->reported || quiet(s, real)) return error;
  fxd_enter_any(s->context);
  return fx_real.aclrtSynchronizeStream(real);
}

static aclError said_of_all;

static void hear(void *real, uint32_t number) {
  aclError error = captured(real) ? fx_real.aclrtSynchronizeStream(real) : said(number); /* an error at once, AscendCL's own */
  if (said_of_all == ACL_SUCCESS) said_of_all = error;
}

void fxd_client_said(uint32_t client, uint32_t place) {
  said_of_all = ACL_SUCCESS;
  fxd_handles_each(client, FLEXNPU_HANDLE_STREAM, hear);
  fxd_answer(place, said_of_all, NULL, 0);
}

static void answer_waiters(stream *s, uint32_t number, uint64_t seq) {
  for (waiter **at = &s->waiters; *at != NULL;) {
    waiter *w = *at;
    if (w->seq > seq) {
      at = &w->next;
      continue;
    }
    *at = w->next;
    fxd_answer(w->place, said(number), NULL, 0);
    free(w);
  }
}

static void report(stream *s, uint32_t number, const marker *m) {
  if (m->seq > s->reported) {
    flexnpu_event e = {.kind = FLEXNPU_EVENT_OP_COMPLETE, .stream = number};
    e.op_complete.completed_seq = m->seq;
    e.op_complete.device_ns = device_ns(s->done, m);
    e.op_complete.count = m->covers;
    fxd_found(&e);
    s->reported = m->seq;
  }
  answer_waiters(s, number, m->seq);
}

void fxd_markers_look(void) {
  for (uint32_t i = 0; i < busy_count;) {
    uint32_t number = busy[i];
    stream *s = &streams[number];
    while (s->first != NULL && fxd_found_room() > 64) {
      marker *m = s->first;
      fxd_enter_any(s->context);
      if (!passed(m)) break;
      s->first = m->next;
      if (s->first == NULL) s->last = NULL;
      report(s, number, m);
      if (s->done != NULL) give(s->done);
      s->done = m;
    }
    if (s->first != NULL) {
      i++;
      continue;
    }
    busy[i] = busy[--busy_count];
    report_quiet(s, number);
  }
}

void fxd_marker_wait(uint32_t number, uint32_t place, uint64_t seq) {
  stream *s = &streams[number];
  void *real = fxd_stream_real(number);
  if (real != NULL && captured(real)) { /* an error at once, AscendCL's own */
    fxd_answer(place, fx_real.aclrtSynchronizeStream(real), NULL, 0);
    return;
  }
  aclError error = seq > s->reported ? put(number, false) : ACL_SUCCESS;
  if (seq <= s->reported) { /* where nothing of it runs, from now on */
    fxd_answer(place, said(number), NULL, 0);
    return;
  }
  waiter *w = malloc(sizeof *w);
  if (w == NULL || s->first == NULL) { /* nothing will ever pass: say so rather than wait without end */
    free(w);
    bool stopped = fx_failed_on_device(error) && real != NULL;
    fxd_answer(place, stopped ? fx_real.aclrtSynchronizeStream(real) : ACL_ERROR_RT_INTERNAL_ERROR, NULL, 0);
    return;
  }
  *w = (waiter){.next = s->waiters, .place = place, .seq = seq};
  s->waiters = w;
}

static void drop(uint32_t number, aclError why) {
  stream *s = &streams[number];
  while (s->first != NULL) {
    marker *m = s->first;
    s->first = m->next;
    give(m);
  }
  if (s->done != NULL) give(s->done);
  while (s->waiters != NULL) {
    waiter *w = s->waiters;
    s->waiters = w->next;
    fxd_answer(w->place, why, NULL, 0);
    free(w);
  }
  for (uint32_t i = 0; i < busy_count; i++)
    if (busy[i] == number) {
      busy[i] = busy[--busy_count];
      break;
    }
  *s = (stream){0};
}

void fxd_marker_drop(uint32_t number) { drop(number, ACL_ERROR_RT_STREAM_CONTEXT); }

void fxd_stream_restart(uint32_t number, aclError why) {
  aclrtContext context = streams[number].context;
  drop(number, why);
  fxd_stream_begin(number, context);
}

/* Events of a context end before it. */
void fxd_markers_forget(aclrtContext context) {
  for (marker **at = &pool; *at != NULL;) {
    marker *m = *at;
    if (m->context != context) {
      at = &m->next;
      continue;
    }
    *at = m->next;
    (void)fx_real.aclrtDestroyEvent(m->event);
    free(m);
  }
}

bool fxd_stream_end_in(uint32_t number, aclrtContext context, uint32_t client) {
  if (streams[number].context != context || context == NULL) return false;
  fxd_marker_drop(number);
  return fxd_handle_end_stream(number, client);
}
