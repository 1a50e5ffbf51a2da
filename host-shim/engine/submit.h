/*
 * The slow path of an asynchronous call: the operator is queued with its arguments, the core is asked, and whatever it
 * decided is carried out. Also the drains that calls need which may not overtake what is queued.
 */
#ifndef FX_SUBMIT_H
#define FX_SUBMIT_H

#include <stddef.h>
#include <stdint.h>

#include "engine/device.h"
#include "records.h"

/* What the core is told of an operator. */
typedef struct fx_op_meta {
  uint32_t api;
  uint32_t op_class;
  aclrtEvent event;         /* recorded, waited for or reset; NULL for none */
  aclrtFuncHandle function; /* the kernel; NULL for none */
  const struct fx_function *known; /* the same, once fx_verdict_of has asked for it */
  uint32_t blocks;
  uint32_t args_bytes;
  uint64_t bytes;
} fx_op_meta;

/* Operators the core may hold before issuing waits: below its table, which also holds what is in flight. */
#define FX_LIVE_LIMIT (FLEXNPU_MAX_OPS - 1024u)

/* Fills in what an OP_SUBMIT says of the operator itself. */
void fx_describe(flexnpu_event *e, const fx_op_meta *meta);

/*
 * Queues the operator; `args` (bytes long) is the record that fx_exec[meta->api] takes. Returns ACL_SUCCESS once it is
 * queued or handed over; an error of the real library that comes later is kept for the stream's next synchronization.
 */
aclError fx_submit(fx_stream *s, fx_op_meta *meta, const void *args, size_t bytes);

/* Gives the device's lock, and sees to what other threads staged meanwhile. */
void fx_submit_leave(struct fx_device *d);

/* Sees to what is staged, unless somebody is at the core: it will. Not under the device's lock. */
void fx_submit_staged(struct fx_device *d);

/* Waits until everything that was issued on the stream is handed to the real library. */
void fx_drain(fx_stream *s);

/*
 * Whether the thread's last operator was queued, as far as its stream tells; then it has been handed over, perhaps by
 * another thread, and the real library numbered it so.
 */
bool fx_queued_task(uint32_t *task);

/* The same for every stream of a device. */
void fx_drain_device(struct fx_device *d);

/* The same for every stream of every device; costs nothing where nothing is queued. */
void fx_drain_all(void);

/*
 * Waits until operators about the event that are queued are handed over, at most until deadline_ns (CLOCK_MONOTONIC; 0:
 * without end); false where that came first.
 */
bool fx_drain_event(aclrtEvent event, uint64_t deadline_ns);

/* The event (or notify) is about to end: the core forgets it, so that another may come at its address. */
void fx_event_forget(aclrtEvent event);

/* OpClass of a copy. ACL_MEMCPY_DEFAULT counts as a copy within the device: the real library finds its direction. */
static inline uint32_t fx_copy_class(aclrtMemcpyKind kind) {
  switch (kind) {
    case ACL_MEMCPY_HOST_TO_DEVICE:
    case ACL_MEMCPY_HOST_TO_BUF_TO_DEVICE: return FLEXNPU_OP_CLASS_COPY_H2D;
    case ACL_MEMCPY_DEVICE_TO_HOST: return FLEXNPU_OP_CLASS_COPY_D2H;
    default: return FLEXNPU_OP_CLASS_COPY_D2D;
  }
}

#endif
