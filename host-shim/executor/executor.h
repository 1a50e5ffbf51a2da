/*
 * The daemon's hands: what it decided is done here, in one call a batch (docs/daemon.md). One thread enters, the daemon's;
 * twin threads of clients' threads make the real calls that may block. What comes out of a ring is the client's word and
 * may change while it is read: it is copied first and checked then, and every handle in it is looked up.
 */
#ifndef FX_EXECUTOR_H
#define FX_EXECUTOR_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "acl/acl.h"
#include "memory/ranges.h"
#include "records.h"
#include "ring_layout.h"

#define FXD_MAX_RINGS 1024u
#define FXD_KINDS (FLEXNPU_HANDLE_LABEL_LIST + 1u)
/* Objects that one call may use: its context, and its arguments. */
#define FXD_IN_USE 6u
/* Room for the arguments of any record. */
#define FXD_ARGS_ROOM (FLEXNPU_RING_ARGS_BYTES + 8u)

/* Something that a client made. Index and generation are in its virtual handle. */
typedef struct fxd_handle {
  _Atomic(void *) real;
  _Atomic uint64_t state;
} fxd_handle;

typedef struct fxd_range fxd_range;
typedef struct fxd_mapping fxd_mapping;

/* Device memory, by its address; see executor/blocks.h. */
typedef struct fxd_block {
  struct fxd_block *next;
  void *address;
  uint64_t bytes;
  uint32_t uses;    /* its own client's, and those of who imports it */
  fxd_range *range; /* NULL where it is the library's own aclrtMalloc */
  uint32_t units;   /* of a shared range; 0 where the range is its own */
} fxd_block;

/* Host memory of a client that is mapped here, too. */
typedef struct fxd_pin {
  struct fxd_pin *next;
  uint64_t address, bytes;
  uint8_t *memory;
  uint8_t *on_device; /* where the device sees it; NULL where it does not */
} fxd_pin;

/* Times that are one for all clients of the device. */
typedef enum { FXD_WAIT_SECONDS, FXD_EXECUTE_US } fxd_timeout;

typedef struct fxd_client {
  struct fxd_client *next;
  uint32_t number, uid, pid;
  uint64_t timeouts[2];             /* by fxd_timeout, 0: it has asked for none */
  uint64_t total_bytes, free_bytes; /* what aclrtGetMemInfo says at most, in HBM */
  uint32_t device_uses;        /* aclrtSetDevice calls that no aclrtResetDevice has answered */
  aclrtContext device_context; /* what aclrtSetDevice gives it: its own, no other client's streams are in it */
  fxd_pin *pins, *unpinned;
  fxd_block *blocks, *freed;
  fx_ranges held; /* device addresses that it may name */
  fxd_range *shared; /* for small blocks */
  struct fxd_import *imports;
  fxd_mapping *reserved, *mapped, *physical; /* what it reserves and maps itself */
  int captures; /* that it has begun and not ended */
  struct fxd_part *parts; /* what belongs to its graphs */
  struct fxd_left *left; /* its streams, when it goes */
  pthread_mutex_t pins_lock;
  uint32_t at_work; /* twins of it that are in a real call: pins that go meanwhile are kept; under pins_lock */
} fxd_client;

struct fxd_twin;

typedef struct fxd_ring {
  _Atomic(fxd_client *) client; /* NULL: free. Written last when it goes */
  uint8_t *memory;
  aclrtContext context; /* current in the client's thread */
  struct fxd_twin *twin;
  _Atomic(void *) in_use[FXD_IN_USE]; /* what the twin's call has looked up; see ending.c */
  atomic_bool leaving; /* its client is gone: nobody waits for it any more */
  bool has_task_id; /* of the newest operator of its thread, as the real library counts; see task_ids.c */
  uint32_t task_id;
} fxd_ring;

/* A call that is being served: its own copy of the arguments, its answer, and memory that lasts as long. */
typedef struct fxd_call {
  fxd_ring *ring;
  uint32_t place;  /* ring << 16 | slot */
  uint32_t number; /* core number of what it makes, or NONE */
  uint32_t api, call_seq, stream, event;
  bool notify;
  uint8_t *args, *at, *end;
  bool torn;     /* the arguments ended too soon */
  bool borrowed; /* it and its arguments are the loop's own memory */
  uint32_t reply_bytes;
  aclError error;
  uint64_t value; /* for the daemon: bytes given back */
  bool existed;
  uint64_t ends; /* the virtual handle that the call ends, 0 for none; and what it stands for */
  void *ended_real;
  aclrtContext left; /* the context that the call ends, and its streams */
  uint32_t *ended, ended_count;
  void *scratch[8];
  uint32_t scratch_count;
  uint8_t reply[FLEXNPU_RING_REPLY_BYTES]; /* last, and not cleared: it is most of a call */
} fxd_call;

typedef aclError (*fxd_serve_fn)(fxd_call *c);

/*
 * Generated: how each function is served; NULL where it does not come as a call. Which may block, and the kind of handle
 * that one ends (its first argument), 0 for none.
 */
extern const fxd_serve_fn fxd_serve[];
extern const bool fxd_blocks[];
extern const bool fxd_in_context[]; /* makes, or asks for, what belongs to a context */
extern const uint8_t fxd_ends[];

/*
 * Tells the real library that host memory of ours is pinned, so that asynchronous copies with it are asynchronous. Where
 * it does not take it, such a copy waits in the library, right but slow; that is counted as a fault once. Where the device
 * sees the memory; NULL where it does not.
 */
void *fxd_register(void *memory, uint64_t bytes);
void fxd_unregister(void *memory);

/* Whether all of these device addresses are the client's. */
bool fxd_holds(fxd_client *c, const void *address, uint64_t bytes);

/* ---- handles.c ---- */
uint64_t fxd_handle_make(uint32_t kind, uint32_t index, void *real, uint32_t client);
/* The real handle of a virtual one of the client's; an AscendCL error where it is none. */
aclError fxd_handle_real(const fxd_client *c, uint32_t kind, uint64_t handle, void **real);
void fxd_handle_end(uint32_t kind, uint64_t handle);
/* The call that ends a handle begins: nobody else finds it any more. Taken back where the call fails. */
bool fxd_handle_begin_end(const fxd_client *c, uint32_t kind, uint64_t handle, void **real);
void fxd_handle_take_back(const fxd_client *c, uint32_t kind, uint64_t handle);
/* An index for a kind that the core does not number; UINT32_MAX where all are in use. */
uint32_t fxd_handle_index(uint32_t kind);
/* The virtual handle of a real one of the client's; 0 where it has none. */
uint64_t fxd_handle_find(uint32_t kind, const void *real, uint32_t client);
/* Visits all of a client's handles of a kind; the second ends each before. */
void fxd_handles_each(uint32_t client, uint32_t kind, void (*visit)(void *real, uint32_t index));
void fxd_handles_end(uint32_t client, uint32_t kind, void (*visit)(void *real, uint32_t index));
void *fxd_stream_real(uint32_t number);
/* Whether the client has the stream. */
bool fxd_stream_of(uint32_t number, uint32_t client);

/* ---- rings.c ---- */
extern fxd_ring fxd_rings[FXD_MAX_RINGS];
fxd_ring *fxd_ring_of(uint32_t place);
/* Gives a ring up; waits for its twin. */
void fxd_ring_end(fxd_ring *r);
/* Copies the record of a place and its arguments into memory of the caller (FXD_ARGS_ROOM); false where they are torn. */
bool fxd_record_copy(uint32_t place, flexnpu_event *record, uint8_t *args, uint32_t *bytes);
void fxd_reply(fxd_ring *r, uint32_t call_seq, aclError error, const uint8_t *bytes, uint32_t length);
/* Host memory as a client names it: in its ring's data area, or pinned; NULL where it is neither. */
void *fxd_host_address(fxd_ring *r, uint64_t address, uint64_t bytes);

/* ---- calls.c ---- */
uint64_t fxd_take(fxd_call *c);
/* Bytes with their length before them, NULL for none; `text` ends with a zero that is not the client's. */
const void *fxd_take_bytes(fxd_call *c, size_t *bytes);
const char *fxd_take_text(fxd_call *c);
aclError fxd_take_handle(fxd_call *c, uint32_t kind, void *real);
void fxd_put(fxd_call *c, uint64_t word);
void fxd_put_bytes(fxd_call *c, const void *data, size_t bytes);
void *fxd_scratch(fxd_call *c, size_t bytes);
aclError fxd_put_handle(fxd_call *c, uint32_t kind, void *real);
void fxd_call_begin(uint32_t place, uint32_t number, bool notify);
/* Reports the call's record as one that cannot be; it is not answered. */
void fxd_call_refuse(fxd_call *c);
/* Makes the real call in the calling thread and answers. */
void fxd_call_serve(fxd_call *c);

/* ---- ending.c ---- */
/* Notes what the call, on a twin, is going to use; false where it has no room for more. */
bool fxd_use(fxd_call *c, void *real);
void fxd_use_nothing(fxd_ring *r);
/* Before a call that ends something is served, on the loop's thread; whether another call of the client's uses that now. */
bool fxd_ending(fxd_call *c);
/* On a twin: until none does. */
void fxd_ending_wait(fxd_call *c);
/* After it. */
void fxd_ending_over(fxd_call *c);

/* ---- twin.c ---- */
void fxd_twin_give(fxd_ring *r, fxd_call *c);
void fxd_twin_end(fxd_ring *r);

/* ---- context.c ---- */
extern int32_t fxd_device;
/* Makes the context of the client's thread current in the calling thread. */
aclError fxd_enter(const fxd_ring *r);
void fxd_enter_any(aclrtContext context);
/* The daemon's own context, for what is no client's. */
void fxd_enter_own(void);

/* ---- ops.c, markers.c ---- */
/* Generated: puts real handles and addresses into the arguments of an operator. */
aclError fxd_translate(fxd_ring *r, uint32_t api, uint8_t *args, uint32_t bytes);
void fxd_ops_hand_over(uint32_t stream, const uint32_t *places, uint32_t count, uint32_t flags);
/* Operators in places that follow one another in their ring. */
void fxd_ops_hand_over_run(uint32_t stream, uint32_t place, uint32_t count);

/* Parts of that: one operator, on a stream that is there or not (`live`); its context made current; what comes fetched. */
void fxd_hand_over_one(uint32_t stream, uint32_t place, bool live);
bool fxd_enter_stream(uint32_t stream);
void fxd_fetch(const fxd_ring *r, uint32_t slot);

/* Whether the function runs in the client. */
bool fxd_is_callback(uint32_t api);

/*
 * Hands over what comes on the ring for the stream, from record number `taken` with this ticket on, `most` at the most
 * (executor/take.c); how many, in *out.
 */
void fxd_take_run(uint32_t stream, uint32_t ring, uint32_t taken, uint32_t ticket, uint32_t most, uint32_t *out);
/* A marker behind what was handed over, or before what is measured by itself. */
void fxd_marker_put(uint32_t stream, bool sample_start);
void fxd_marker_wait(uint32_t stream, uint32_t place, uint64_t seq);

/* Answers a call with the first error of any stream of the client, of which nothing is under way. */
void fxd_client_said(uint32_t client, uint32_t place);
void fxd_marker_drop(uint32_t stream);
/* What the stream had was aborted: it begins anew, and who waits for it learns why. */
void fxd_stream_restart(uint32_t stream, aclError why);
void fxd_markers_look(void);
uint64_t fxd_handed(uint32_t stream);
/* An operator was handed over, and how the real library took it. */
void fxd_count_handed(uint32_t stream, aclError error);
aclError fxd_stream_error_take(uint32_t stream);
/* How the last operator of the stream was taken; a synchronization does not say it again. */
aclError fxd_stream_latest(uint32_t stream);
void fxd_stream_begin(uint32_t stream, aclrtContext context);

/* ---- task_ids.c; the loop's thread's ---- */
extern bool fxd_wants_task_ids;
/* The operator in the place has just been handed over. */
void fxd_task_id_note(uint32_t place);

/* ---- found.c ---- */
/* Reports to the daemon; `words` are those of docs/daemon.md. From any thread. */
void fxd_found(const flexnpu_event *record);
void fxd_found_called(const fxd_call *c);

#endif
