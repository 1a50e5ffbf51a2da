/*
 * Writes the recording of one device (.flexlog, spec/log.ts): events and decisions as they pass, in CRC-checked frames.
 * Under the device's lock. A recording that cannot be written stops with a fault; nothing else stops with it.
 */
#ifndef FX_RECORDER_H
#define FX_RECORDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "records.h"

#define FX_RECORD_EVENTS 1024
#define FX_RECORD_DECISIONS 4096
/* Events between two snapshots of the core's state; one costs about a millisecond. */
#define FX_SNAPSHOT_EVENTS 262144

struct fx_core;

typedef struct fx_frame_index {
  uint64_t offset, first_seq;
  uint32_t type, count;
} fx_frame_index;

typedef struct fx_recorder {
  int fd; /* -1: not recording */
  bool opened;
  uint64_t offset;
  uint64_t events, decisions;       /* numbers of the newest */
  uint32_t event_count, decision_count; /* in the buffers */
  flexnpu_event *event_buffer;
  flexnpu_decision *decision_buffer;
  fx_frame_index *index;
  size_t index_count, index_size;
  uint64_t last_flush_ns;
} fx_recorder;

/* Opens the file and writes the header; `device` numbers the file beyond the first one of the process. */
void fx_recorder_open(fx_recorder *r, int32_t device, uint64_t start_unix_ns);

/* Also asked without the lock, where the answer may be old. */
static inline bool fx_recorder_on(const fx_recorder *r) { return __atomic_load_n(&r->fd, __ATOMIC_RELAXED) >= 0; }

/* Takes the events of one run of the core, and the decisions they led to. */
void fx_recorder_take(fx_recorder *r, struct fx_core *core, const flexnpu_event *events, uint32_t event_count,
                      const flexnpu_decision *decisions, uint32_t decision_count);

/* Gives a number a name (FLEXNPU_NAME_*). */
void fx_recorder_name(fx_recorder *r, struct fx_core *core, uint32_t kind, uint64_t id, const char *name);

/* Writes what is in the buffers. */
void fx_recorder_flush(fx_recorder *r, struct fx_core *core);

/* Writes the rest, the counts and the footer, and closes the file. */
void fx_recorder_close(fx_recorder *r, struct fx_core *core);

#endif
