/*
 * Operators that came in a burst, or while another thread was at the core or carried out what it decided, and have not
 * asked it yet: a few a stream, under a lock of the stream alone, so that most launches of a program that launches fast
 * touch nothing that other threads touch. They ask together, in one run of the core, when one comes that may not wait, when
 * somebody waits for the stream, or when the thread that was at the core has nothing else to carry out, or leaves it.
 *
 * Invariant: a staged operator is behind all that is queued of its stream and before all that is issued later; nothing
 * is staged while the stream has credit; operators about events are never staged, so that staged ones depend on nothing
 * but their stream.
 */
#ifndef FX_STAGE_H
#define FX_STAGE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "engine/burst.h"
#include "engine/lock.h"
#include "records.h"
#include "stream/queue.h"

struct fx_device;
struct fx_stream;
struct fx_op_meta;

/* More of a burst gain little, and keep the device waiting. */
#define FX_STAGE_ENOUGH 16u
/* So many while another thread is at the core or carries out what it decided, where asking would only be waiting for it. */
#define FX_STAGE_OPS 48u

/* What the core is told of an operator, and behind it its record: together no more lines than they fill. */
typedef struct fx_staged {
  uint16_t api, op_class;
  uint32_t record_bytes;
  uint32_t blocks, args_bytes;
  uint64_t key, bytes;
  uint32_t evidence;
  _Alignas(16) uint8_t record[];
} fx_staged;

#define FX_STAGE_BYTES (FX_STAGE_OPS * (sizeof(fx_staged) + FX_OP_INLINE_BYTES))

/*
 * Operators are staged in one of two logs while the other is collected, so that whoever stages waits for the collector no
 * longer than it takes to change them.
 */
typedef struct fx_stage {
  fx_brief_lock lock;
  uint32_t count, bytes; /* in the log that is being filled */
  bool closed; /* its stream ends: nothing is staged */
  bool listed; /* in the device's list of streams to collect from */
  uint8_t filling;
  fx_burst burst;
  struct fx_stream *next;
  char apart[FX_LINE_BYTES];
  uint32_t left, at; /* of the other log: operators that are not collected yet, and where. Under the device's lock. */
  _Alignas(FX_LINE_BYTES) uint8_t logs[2][FX_STAGE_BYTES];
} fx_stage;

/* Stages the operator; false where it has to ask now (then behind what is staged). Not under the device's lock. */
bool fx_stage_add(struct fx_stream *s, const struct fx_op_meta *meta, const void *args, size_t bytes);

/* Whether so much is staged that one more has to wait. */
bool fx_stage_full(struct fx_stream *s);

/*
 * Moves what is staged of the stream into its queue, as events that are pending in the inbox; false where the core has
 * no room for all of it now. Under the device's lock.
 */
bool fx_stage_collect(struct fx_stream *s);

/* The same for every stream of the device. Under its lock. */
bool fx_stage_collect_all(struct fx_device *d);

/* Collects what is staged; nothing more is until fx_stage_open. Under the device's lock. */
void fx_stage_close(struct fx_stream *s);
void fx_stage_open(struct fx_stream *s);

/* Drops what is staged of a closed stream. Under the device's lock. */
void fx_stage_drop(struct fx_stream *s);

/* Makes credit that was granted to the stream usable, unless something is staged; then false. Under the device's lock. */
bool fx_stage_give_credit(struct fx_stream *s, int64_t credit);

#endif
