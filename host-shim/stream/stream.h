/*
 * Streams as FlexNPU knows them, and how a call finds its own. A stream's credit is the number of operators its threads
 * may issue without asking; taking credit is the whole fast path. Everything else of a stream is under its device's lock.
 *
 * Invariant: operators of one stream reach the real library in the order in which they were issued. Credit is only there
 * while nothing of the stream is queued.
 */
#ifndef FX_STREAM_H
#define FX_STREAM_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "acl/acl.h"
#include "boot/counters.h"
#include "engine/marker.h"
#include "stream/queue.h"

struct fx_device;

/* Credit of streams that nobody schedules (a captured stream, no core): in practice without end. */
#define FX_FREE_PASS (INT64_MAX / 2)

/* What the core was last told of a stream's phase by what aclnn operators mean (aclnn/meaning.c). */
typedef struct fx_told {
  _Atomic uint32_t phase, source;
  _Atomic int products; /* agreement of the rows of products: positive prefill, negative decode */
} fx_told;

typedef struct fx_stream {
  _Atomic int64_t credit; /* operators it may still issue unasked; at or below 0 it has to ask */
  char pad[56];           /* the rest is written under the lock: not on the line that every launch touches */

  /* What a launch that asks reads, and hardly anybody writes. */
  struct fx_device *device; /* NULL: not scheduled, always a free pass */
  aclrtStream handle;       /* as the real library knows it */
  aclrtContext context;     /* to which it belongs */
  struct fx_stage *_Atomic stage; /* operators before the queue, stream/stage.h; NULL until the first one was queued */
  uint32_t id;              /* number the core knows it by */
  uint32_t priority;
  atomic_bool direct;       /* its operators pass: they replace others of a graph (api/graph.c), or the stream keeps them for one */
  bool into_branch;         /* it is captured into a branch of another graph */
  _Atomic uint64_t life;    /* rises when what the stream held is dropped: whoever waits for its operators waits no more */
  fx_told told;
  char apart[FX_LINE_BYTES];           /* what follows the thread in the core writes for each operator */

  uint32_t phase;           /* what the core believes */
  bool ending;              /* what is queued is dropped, not handed over */
  struct fx_stream *next;   /* in its bucket of the table */
  struct fx_stream *active_next;
  bool active;              /* in the device's list of streams with markers */

  int64_t granted;          /* credit of the present grant, 0 where there is none */
  bool grant_pending;       /* granted, and not handed to the threads yet */
  uint32_t grants;          /* grants so far: an older one must not be handed over in place of a newer one */
  uint64_t seq;             /* op_seq of the last operator submitted or issued on settled credit */
  _Atomic uint64_t executed_seq; /* op_seq of the last operator handed to the real library */
  uint64_t decided_seq;     /* op_seq of the last operator that the core dispatched */
  uint64_t reported_seq;    /* op_seq up to which completion was reported */
  uint64_t barrier_seq;     /* of the last operator that may hold the stream until something of the program happens */
  uint32_t task;            /* the real library's number of the last operator that was queued and handed over */
  fx_queue queue;
  fx_marker_list markers;
  _Atomic int callbacks_on;      /* whose thread runs its callbacks, see api/callbacks.c */
  _Atomic int deferred_error; /* of an operator that failed when it was handed over; its next synchronization says it */
} fx_stream;

typedef struct fx_stream_cache {
  aclrtStream handle;
  fx_stream *stream;
  uint64_t epoch;
} fx_stream_cache;

/* A thread uses a handful of streams at a time. */
#define FX_STREAM_CACHE 4

extern FX_TLS fx_stream_cache fx_stream_caches[FX_STREAM_CACHE];
extern _Atomic uint64_t fx_stream_epoch; /* rises when a stream ends: what a thread remembers may be gone */

static inline fx_stream_cache *fx_stream_cache_of(aclrtStream handle) {
  uintptr_t bits = (uintptr_t)handle;
  return &fx_stream_caches[((bits >> 4) ^ (bits >> 9)) % FX_STREAM_CACHE];
}

fx_stream *fx_stream_find(aclrtStream handle);

/* The stream of a call; NULL is the default stream of the current context. Never NULL. */
static inline fx_stream *fx_stream_of(aclrtStream handle) {
  fx_stream_cache *cache = fx_stream_cache_of(handle);
  if (FX_LIKELY(cache->handle == handle && cache->stream != NULL &&
                cache->epoch == atomic_load_explicit(&fx_stream_epoch, memory_order_acquire)))
    return cache->stream;
  return fx_stream_find(handle);
}

/* Takes one operator's credit; false where the stream has to ask. */
static inline bool fx_credit_take(fx_stream *s) {
  int64_t credit = atomic_load_explicit(&s->credit, memory_order_relaxed);
  if (credit <= 0) return false;
  if (credit > FX_FREE_PASS / 2) return true; /* nobody counts it, and a locked instruction waits for every store before it */
  return atomic_fetch_sub_explicit(&s->credit, 1, memory_order_acq_rel) > 0;
}

/* A stream was created, with ACL_STREAM_* flags; replaces what an earlier one of the same handle left. */
void fx_stream_created(aclrtStream handle, uint32_t priority, uint32_t flags);

/* The stream is about to be destroyed: its queue is handed over, it is forgotten. */
void fx_stream_destroying(aclrtStream handle);

/*
 * A stream whose work the real library is about to drop. From fx_stream_end_begin on nothing queued is handed over any
 * more: it could only be ended, and may be held by the very operator that hangs. fx_stream_end_finish drops it, after the
 * real call, which also frees a thread that hangs in handing over. Threads that wait for the stream go on. Where the handle
 * itself ends, a thread that is handing over an operator has a moment to come back, lest it use a handle that is no more.
 */
typedef struct fx_stream_end {
  fx_stream *stream; /* NULL: not one that FlexNPU schedules, or not the caller's to end */
  uint64_t life;
} fx_stream_end;

fx_stream_end fx_stream_end_begin(aclrtStream handle, bool handle_ends);

/* `gone`: the stream is forgotten; else it goes on, empty. */
void fx_stream_end_finish(fx_stream_end end, bool gone);

/* The same for every stream of a device, of any context; the list is the caller's to free, NULL where there is none. */
fx_stream_end *fx_stream_end_begin_all(struct fx_device *device, uint32_t *count);

/* The current context of the calling thread may be another now: what it remembers of streams is looked up anew. */
void fx_stream_context_changed(void);

/*
 * Forgets every stream of the device that the real library does not know any more. The current context of the calling
 * thread is another afterwards.
 */
void fx_stream_forget_ended(struct fx_device *device);

/* Visits every stream of a device; the caller holds its lock. */
void fx_stream_each(struct fx_device *device, void (*visit)(fx_stream *s, void *with), void *with);

#endif
