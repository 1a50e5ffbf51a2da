/*
 * Markers: device events of ours behind groups of operators, by which completion is seen without a synchronization that
 * the application did not ask for. A marker is recorded only where the core asked for one.
 */
#ifndef FX_MARKER_H
#define FX_MARKER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "acl/acl.h"
#include "boot/counters.h"

struct fx_device;
struct fx_stream;

typedef struct fx_marker {
  struct fx_marker *next;
  aclrtEvent event;
  aclrtContext context; /* the event belongs to it */
  uint64_t seq;         /* op_seq of the last operator before it */
  uint32_t covers;      /* operators between the marker before and this one */
  bool back_to_back;    /* the marker before was not complete when this one was recorded: no idle time between them */
  bool start_of_sample; /* recorded before a sampled operator: only a starting point for the next one */
} fx_marker;

/* Recorded markers of a stream, oldest first; `done` is the last complete one, from which time is counted. */
typedef struct fx_marker_list {
  fx_marker *first, *last, *done;
} fx_marker_list;

/* More than 0 while a context may be ending: a marker that cannot be recorded then is no fault. */
extern _Atomic uint32_t fx_marker_may_fail;

/*
 * A marker is an operator to the real library, which numbers a thread's operators: the number of the thread's newest
 * marker, and of what it issued before that, which is the program's last one.
 */
typedef struct fx_marker_task {
  uint32_t task, before;
} fx_marker_task;
extern FX_TLS fx_marker_task fx_marker_last;
/* The number of the calling thread's last operator, a marker or not; UINT32_MAX where the real library has none. */
uint32_t fx_last_task(void);

/*
 * Records a marker on the stream behind op_seq `seq`. Not under the lock: it calls the real library. NULL where it could
 * not be recorded (counted as a fault, see above).
 */
fx_marker *fx_marker_record(struct fx_stream *s, uint64_t seq);

/* Puts a recorded marker at the end of its stream's list. Under the lock. */
void fx_marker_append(struct fx_stream *s, fx_marker *m);

/* Reports what is complete on the stream: markers that have passed, or (everything) all up to `seq`. Under the lock. */
void fx_marker_report(struct fx_stream *s, bool everything, uint64_t seq);

/* Gives the markers of a stream back to the device's pool. Under the lock. */
void fx_marker_release_all(struct fx_stream *s);

/* Destroys the pooled events of a context (NULL: of all), which is about to end. Under the lock. */
void fx_marker_destroy_pool(struct fx_device *d, aclrtContext context);

#endif
