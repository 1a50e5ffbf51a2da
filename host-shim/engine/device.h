/*
 * A physical device under FlexNPU in this process: its lock, its core, its streams, and the decisions that wait to be
 * carried out. Events go in by fx_device_feed; what the core decides is put in order into `work`, and one thread at a
 * time carries it out (engine/executor.c).
 */
#ifndef FX_DEVICE_H
#define FX_DEVICE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "engine/burst.h"
#include "engine/core.h"
#include "engine/lock.h"
#include "record/recorder.h"
#include "stream/events.h"
#include "stream/stage.h"
#include "stream/stream.h"

/* What the executor does next, in the order of the decisions. */
typedef enum { FX_WORK_OPERATORS, FX_WORK_CREDIT, FX_WORK_MARK, FX_WORK_NOTHING } fx_work_kind;

typedef struct fx_work {
  fx_stream *stream;
  fx_work_kind kind;
  uint32_t count; /* operators; for credit, the number of the grant */
  uint8_t flags;  /* FLEXNPU_DECISION_FLAG_* */
} fx_work;

#define FX_STREAM_BUCKETS 256

typedef struct fx_device {
  fx_lock lock;
  fx_progress progress; /* operators handed over, or complete */
  fx_progress room;     /* queues that were full and are half empty */
  fx_core core;
  char apart_from_work[FX_LINE_BYTES];

  /* What every launch reads and hardly anybody writes: on no line with what the thread in the core writes for each. */
  fx_recorder recorder;
  int32_t number;
  bool passthrough;        /* the policy passes everything: no operator may wait without need */
  bool failed;             /* the core is gone: operators pass in the order of their issue */
  bool bypass;             /* a capture is on: operators pass */
  bool draining;           /* a capture begins: operators wait until what is queued is handed over */
  uint32_t captures;
  atomic_bool unstaged;    /* one of these: nothing is staged any more */
  atomic_bool polls;       /* the completion thread looks every few microseconds */
  _Atomic uint32_t grants; /* streams with a grant */
  fx_ticks_rate ticks;
  uint64_t hbm_bytes;      /* of all tenants together; UINT64_MAX where the real library does not say */
  uint64_t epoch_ns;       /* CLOCK_MONOTONIC of time_ns 0 */
  char apart_from_launches[FX_LINE_BYTES];

  uint64_t last_time_ns;   /* time of the newest event */
  uint64_t events_fed;     /* events that the core has taken */
  uint32_t pending;        /* operators at the front of the inbox that the core has not taken yet */
  uint32_t live;           /* operators the core holds: submitted and not complete */
  uint64_t orders;
  char apart_from_counts[FX_LINE_BYTES];

  /* Asked by whoever wants to know whether operators wait. */
  _Atomic uint32_t queued; /* operators that wait, over all streams */
  fx_stream *_Atomic staged; /* streams that may have operators staged, stream/stage.h */
  atomic_bool collecting;    /* a thread took that list, and what was staged is not all counted in `queued` yet */
  atomic_bool executing;     /* a thread carries out decided work; it collects what is staged meanwhile */
  fx_progress collected;     /* stages that were emptied */

  fx_work *work;           /* ring of power-of-two size */
  uint32_t work_size, work_head, work_tail;
  fx_stream *executing_on;   /* the stream of the piece that is being carried out */

  fx_stream *buckets[FX_STREAM_BUCKETS];
  fx_stream *by_id[FLEXNPU_MAX_STREAMS];
  fx_stream *retired;      /* ended, for new ones; linked by `next` */
  uint32_t id_hint;
  uint32_t revoked[FLEXNPU_MAX_STREAMS]; /* streams whose credit the core took back, to be answered */
  uint32_t revoked_count;
  fx_stream *active;       /* streams with markers under way */
  fx_event_table events;
  fx_marker *marker_pool;

  pthread_t completion;    /* the thread that sees completions and keeps time */
  bool completion_started;
  bool completion_stop;
  fx_progress completion_wake;
  uint64_t lingers_until_ns;
  _Atomic uint64_t looked_at_ns; /* when a submitting thread last looked at the markers */
  _Atomic uint64_t asleep_until_ns; /* 0: it polls; UINT64_MAX: until woken */
  bool admitted;           /* the answer to the newest MEM_ALLOC */
} fx_device;

/* The device of that number, made on first use; NULL where FlexNPU does not schedule (no core, forked child). */
fx_device *fx_device_get(int32_t number);

/* The device of that number if it was used, or NULL. */
fx_device *fx_device_peek(int32_t number);

/* The device current in the calling thread; NULL where there is none. */
fx_device *fx_device_current(void);

/* True once a second device is in use: events may then cross devices. */
extern _Atomic bool fx_many_devices;

/* Clears an inbox slot and gives it with kind, stream and time set; fx_device_feed sends it. Under the lock. */
flexnpu_event *fx_device_event(fx_device *d, uint32_t kind, uint32_t stream);

/*
 * Runs the core on the event, behind operators that are pending, and puts what it decides into `work`. Under the lock;
 * fx_execute carries it out.
 */
void fx_device_feed(fx_device *d);

/*
 * Puts an operator that is in its stream's queue before the core; the caller describes it in the event that it gets, and
 * counts it in `queued`. It is pending until the next event is fed, or fx_device_flush. Under the lock.
 */
flexnpu_event *fx_device_enqueue(fx_device *d, fx_stream *s, fx_op *op);

/* Feeds what is pending. Under the lock. */
void fx_device_flush(fx_device *d);

/* Whether operators of the device wait, staged or queued. Needs no lock. */
static inline bool fx_device_waits(fx_device *d) {
  /* In the order in which an operator passes them, so that none slips by in between. */
  return atomic_load_explicit(&d->staged, memory_order_acquire) != NULL ||
         atomic_load_explicit(&d->collecting, memory_order_acquire) ||
         atomic_load_explicit(&d->queued, memory_order_acquire) > 0;
}

/* Whether a thread is at the core or carries out what it decided; either looks at what is staged. Needs no lock. */
static inline bool fx_device_attended(fx_device *d) {
  return fx_lock_held(&d->lock) || atomic_load_explicit(&d->executing, memory_order_seq_cst);
}

/* The core is gone or a table is full: from here on operators pass in order of issue. Under the lock. */
void fx_device_fail(fx_device *d, const char *why);

/* Takes back what is left of a stream's grant and tells the core what was used. Under the lock. */
void fx_device_settle_credit(fx_stream *s);

/* Carries out decided work, unless another thread is at it. Under the lock, which it gives and takes in between. */
void fx_execute(fx_device *d);

/* The same, until nothing that was decided is left or under way in another thread. */
void fx_execute_all(fx_device *d);

/* Decided work on the stream is not carried out any more. Under the lock. */
void fx_execute_discard(fx_device *d, const fx_stream *s);

/* The same, and waits for a thread that is at it; gives the lock meanwhile. */
void fx_execute_forget(fx_device *d, const fx_stream *s);

/* Waits until no thread hands over an operator of a stream that ends, unless one hangs in that. Under the lock, which it gives. */
void fx_execute_leave(fx_device *d, const fx_stream *s);

/* fx_progress_wait for what the device has to bring about: the completion thread, if it runs, looks at once. */
static inline void fx_device_await(fx_device *d, fx_progress *p, unsigned seen, uint64_t deadline_ns) {
  fx_progress_note(&d->completion_wake);
  fx_progress_wait(p, seen, deadline_ns);
}

/* Makes sure that the completion thread runs and is awake. Under the lock. */
void fx_completion_wake(fx_device *d);

/*
 * A thread that submits looks at the markers where nobody has for a while and all are of its own current context: what
 * the core knows then stays in one processor's cache while the program issues. Under the lock, after an event was fed.
 */
void fx_completion_look_in_passing(fx_device *d, aclrtContext context);

/* Stops the completion thread and closes the recording. Not under the lock. */
void fx_device_close(fx_device *d);

/* Visits every device in use. */
void fx_device_each(void (*visit)(fx_device *d, void *with), void *with);

#endif
