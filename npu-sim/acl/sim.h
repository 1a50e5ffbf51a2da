/*
 * What the parts of the simulated libascendcl.so share: the objects behind AscendCL's handles, and the engine that runs
 * them. One engine serves all simulated devices of the process, under one lock, with one clock.
 *
 * Invariants: a handle is only followed after its slab says that it lives; queues, events and models change only under
 * `sim_engine.lock`; functions of kernel binaries run in the order in which the model completes them, one at a time.
 */
#ifndef NPU_SIM_SIM_H
#define NPU_SIM_SIM_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim_api.h"
#include "npu_sim_kernel.h"

#include "slab.h"

#define SIM_MAX_DEVICES 16u
/* Limits of A2 and A3 (shared/facts/acl.md). */
#define SIM_STREAMS_PER_DEVICE 1984u
#define SIM_EVENTS_PER_DEVICE 65536u
#define SIM_NOTIFIES_PER_DEVICE 8192u
/* Default streams and the streams of synchronous copies do not count, so the table has room for more. */
#define SIM_STREAM_SLOTS 32768u
#define SIM_NEVER UINT64_MAX
/* Settings of aclSysParamOpt. */
#define SIM_SYSTEM_OPTIONS 4u
#define SIM_UNSET INT64_MIN
#define SIM_NONE UINT32_MAX

typedef struct sim_device sim_device;
typedef struct sim_context sim_context;
typedef struct sim_stream sim_stream;
typedef struct sim_event sim_event;
typedef struct sim_record sim_record;
typedef struct sim_task sim_task;
typedef struct sim_graph sim_graph;
typedef struct sim_function sim_function;
typedef struct sim_model sim_model;
typedef struct sim_callback sim_callback;
typedef struct sim_subscriber sim_subscriber;
typedef struct sim_signal sim_signal;

/* ---- errors.c: last error and message, per thread ---- */

typedef struct sim_thread {
  sim_context *context;      /* current context; may be dead, see sim_current */
  uint32_t context_serial;   /* serial of it when it was made current */
  uint64_t limits_of;        /* serial of the stream whose limits the thread uses, 0: none */
  sim_stream *limits_stream;
  aclmdlRICaptureMode capture_mode; /* aclmdlRICaptureThreadExchangeMode */
  uint32_t last_task;        /* number of the last task submitted */
  uint32_t captures;         /* captures that this thread began with mode thread-local and has not ended */
  aclError last_error;
  aclError message_error;    /* error that the message explains */
  bool keep_next;            /* the next noted error is the answer of aclrtGetLastError, not a new one */
} sim_thread;

extern _Thread_local sim_thread sim_self __attribute__((tls_model("initial-exec")));

/* Keeps a message for aclGetRecentErrMsg; returns `error`, so that a function can end with it. */
__attribute__((format(printf, 2, 3), cold)) aclError sim_fail(aclError error, const char *format, ...);

/* ---- config.c: FLEXNPU_SIM_* ---- */

typedef enum { SIM_PACE_CLOCK, SIM_PACE_MAX, SIM_PACE_NULL } sim_pace;

typedef struct sim_config {
  aclError error;          /* not ACL_SUCCESS: a variable is wrong, `problem` names it and its value */
  char problem[320];
  uint32_t chip;           /* chip number of the model */
  const char *soc_name;
  uint32_t devices;
  sim_pace pace;
  double speed;            /* device nanoseconds a host nanosecond */
  uint64_t launch_ns;      /* busy-wait added to an asynchronous launch */
  const char *stats_path;  /* NULL: none */
  const char *machine;     /* shared machine to join; NULL: one of the process's own */
} sim_config;

extern sim_config sim_configuration;
/* SIM_PACE_NULL: asynchronous operators do nothing. Read on the hot path. */
extern bool sim_null_mode;
/* Reads the environment at the first call; ACL_SUCCESS or the error, with its message noted. */
aclError sim_configure(void);

/* ---- model.c: one model instance a device ---- */

typedef struct sim_work_request {
  uint32_t tag;
  bool in_graph;
  uint32_t blocks;
  npu_sim_work work;
} sim_work_request;

typedef enum { SIM_TO_DEVICE, SIM_FROM_DEVICE, SIM_ON_DEVICE, SIM_FILL } sim_direction;

typedef struct sim_chip {
  uint32_t cube_cores, vector_cores;
  uint64_t hbm_bytes, l2_bytes;
} sim_chip;

typedef struct sim_totals {
  uint64_t busy_ns;
  double cube_ops, vector_ops, hbm_bytes, link_bytes, copy_bytes;
  uint32_t cube_permille, vector_permille, hbm_permille; /* of published peak, over the span asked for */
} sim_totals;

#define SIM_NO_TAG UINT32_MAX

/* NULL where the module cannot be instantiated. */
sim_model *sim_model_create(uint32_t chip);
void sim_model_destroy(sim_model *model);
sim_chip sim_model_chip(sim_model *model);
/* False where the table is full or the model is broken. */
bool sim_model_start_kernel(sim_model *model, const sim_work_request *request);
bool sim_model_start_copy(sim_model *model, uint32_t tag, bool in_graph, sim_direction direction, uint64_t bytes);
void sim_model_cancel(sim_model *model, uint32_t tag);
uint64_t sim_model_next(sim_model *model);
/* Tag of what completed, at `*at_ns`; SIM_NO_TAG where time reached `to_ns` first. */
uint32_t sim_model_advance(sim_model *model, uint64_t to_ns, uint64_t *at_ns);
/* Of the work with tags from `first` on, `count` of them: when it changes next; and its end without completion. */
uint64_t sim_model_next_of(sim_model *model, uint32_t first, uint32_t count);
void sim_model_cancel_of(sim_model *model, uint32_t first, uint32_t count);
/* The state as bytes (0 where there is no room or the model is broken), and back. */
size_t sim_model_save(sim_model *model, void *to, size_t room);
bool sim_model_restore(sim_model *model, const void *from, size_t bytes);
sim_totals sim_model_totals(sim_model *model, uint64_t span_ns);
/* A trap broke it: work then takes no time. */
bool sim_model_broken(const sim_model *model);

/* ---- objects ---- */

struct sim_device {
  uint32_t index;
  uint32_t references;       /* aclrtSetDevice without aclrtResetDevice */
  sim_chip chip;
  sim_model *model;
  uint64_t model_next_ns;    /* cached sim_model_next */
  sim_context *default_context;
  uint32_t streams;          /* created ones, against SIM_STREAMS_PER_DEVICE */
  uint32_t events;
  uint32_t notifies, count_notifies;
  uint32_t cores[2];         /* limits of this process by aclrtDevResLimitType, 0: none */
  aclrtFloatOverflowMode overflow_mode;
  bool overflowed;           /* a kernel has said so */
  bool excepted;             /* a kernel failed */
  void *sync_words;          /* aclrtGetHardwareSyncAddr, NULL before */
  sim_stream *idle_copy_streams; /* of synchronous copies, for reuse; linked by next_in_context */
  /* statistics */
  uint64_t first_ns, last_ns; /* first operator submitted, last one completed */
  uint64_t kernels, copies, fills, graphs;
};

struct sim_context {
  sim_slot slot;
  uint32_t serial;           /* new for every context, so that a thread notices a dead one */
  bool is_default;
  sim_device *device;
  sim_stream *default_stream;
  sim_stream *streams;       /* all, linked by next_in_context */
  bool stops_on_failure;     /* one of its streams is set so */
  aclError failed;           /* and this is what failed: nothing runs any more */
  int64_t system_options[SIM_SYSTEM_OPTIONS]; /* SIM_UNSET: the process's */
};

typedef enum { SIM_STREAM_IDLE, SIM_STREAM_DUE, SIM_STREAM_RUNNING, SIM_STREAM_BLOCKED } sim_stream_state;

struct sim_stream {
  sim_slot slot;
  uint64_t serial;           /* new for every stream: tells one that took over a slot */
  sim_stream_state state;
  sim_device *device;
  sim_context *context;      /* NULL for the stream of a synchronous copy */
  sim_stream *next_in_context;
  sim_task *head, *tail;     /* submitted and not completed, in order */
  uint64_t submitted;        /* tasks ever submitted */
  uint64_t completed;        /* tasks ever completed */
  uint64_t floor_submitted_ns; /* least device time of all submitted tasks: lets a waiter sleep long */
  uint64_t floor_completed_ns;
  uint64_t due_ns;           /* SIM_STREAM_DUE: when its head is to be looked at */
  uint64_t due_order;        /* tie-break of equal due_ns */
  uint32_t due_index;        /* place in the heap */
  /* the graph at the head that runs: graph.h */
  sim_graph *graph_at;       /* the part of it where the stream is, NULL: the graph itself */
  uint32_t graph_node;
  /* SIM_STREAM_BLOCKED: gate.c */
  sim_stream **blocked_on;   /* list of those that wait for the same */
  sim_stream *blocked_next;
  sim_stream *timed_next;    /* of those that wait only so long */
  uint64_t deadline_ns, host_deadline_ns; /* device time and the host's clock, SIM_NEVER: it waits for ever */
  bool granted;              /* what its head waited for was handed to it */
  aclError error;            /* of a task that failed, until a synchronization says it */
  bool executing;            /* its function runs right now, outside the lock */
  bool doomed;               /* destroyed by force while executing */
  uint32_t priority;
  uint32_t flags;
  uint32_t overflow_switch, tag, cache_switch; /* attributes */
  bool failure_mode_set;
  uint32_t aborts;           /* how often it was emptied */
  aclError abort_error;      /* what those that wait for it are told */
  uint32_t cores[2];         /* limits by aclrtDevResLimitType, 0: none */
  bool is_default;
  int32_t id;
  sim_subscriber *subscriber; /* thread that runs its callbacks, NULL: none */
  sim_subscriber *host_subscriber; /* thread of the program that runs its host functions, NULL: none */
  /* capture: graph.c */
  /* on a shared machine: lanes.c */
  uint32_t lane;             /* SIM_NONE: not on the machine */
  sim_task *ahead;           /* first task that the machine does not know; NULL: it knows all */
  uint32_t ahead_node;       /* of the graph at `ahead` */
  uint32_t first_node, last_node, node_count; /* what the machine knows and has not been taken back, in order */
  bool looking;              /* the last node is a question: nothing goes behind it */
  sim_graph *capture;
  sim_graph *kept;           /* of a persistent stream: what was issued on it, graph_build.c */
  struct sim_task_group *group; /* that it captures, or replaces: graph_update.c */
  uint32_t replaced;         /* how many of its tasks */
  uint32_t capture_ops;      /* operators captured from this stream */
  uint32_t capture_joined;   /* how many of them another stream of the capture has waited for */
};

/* One call of aclrtRecordEvent: what a wait binds to. */
struct sim_record {
  uint32_t references;
  bool done;
  uint64_t timestamp_ns;
  uint32_t waits;            /* waits that have not passed */
  sim_stream *blocked;       /* streams that wait for it */
  uint32_t node;             /* on a shared machine: its node, SIM_NONE before and after */
  uint32_t ipc;              /* completes a record of this shared event; SIM_NONE: of none */
  uint32_t ipc_event;        /* a mirror (ipc_event.c) of a record of this shared event */
  uint64_t ipc_serial, ipc_number;
  sim_callback *callback;    /* comes to its thread when the record completes */
  sim_record *next_free;
};

/* How an event is recorded, or waited for: all its life in one way. */
typedef enum { SIM_USE_NONE, SIM_USE_PLAIN, SIM_USE_OUTSIDE } sim_event_use_kind;

struct sim_event {
  sim_slot slot;
  sim_device *device;
  uint32_t flags;
  uint32_t ipc;              /* shared event of the machine, SIM_NONE: an event of this process */
  uint64_t ipc_serial;
  bool extended;             /* aclrtCreateEventExWithFlag */
  sim_signal *external;      /* ACL_EVENT_EXTERNAL: between graphs and streams outside; up from a record to a reset */
  sim_record *latest;        /* NULL before the first record */
  sim_graph *capture;        /* record captured into this graph, at the operator count below of this stream */
  sim_stream *capture_stream;
  uint32_t capture_ops;
  sim_event_use_kind record_use, wait_use;
  bool outside;              /* graphs record it or wait for it, graph_outside.c */
};

typedef enum {
  SIM_TASK_KERNEL,
  SIM_TASK_COPY,
  SIM_TASK_FILL,
  SIM_TASK_RECORD,
  SIM_TASK_WAIT,
  SIM_TASK_RESET,
  SIM_TASK_RAISE,
  SIM_TASK_AWAIT,
  SIM_TASK_APPLY,
  SIM_TASK_GRAPH,
  SIM_TASK_BRANCH,           /* in graphs only: says where the run goes on */
  SIM_TASK_OUTSIDE,          /* in graphs only: each run has its own RECORD or WAIT there */
} sim_task_kind;

/* Arguments up to this size travel in the task; larger ones are allocated. */
#define SIM_INLINE_ARGS_BYTES 384u

struct sim_task {
  sim_task *next;
  uint64_t enqueue_ns;
  uint64_t timeout_ns;       /* WAIT, AWAIT: as long as it waits, 0: for ever */
  void *extra;               /* given back with the task */
  sim_task_kind kind;
  union {
    struct {
      sim_function *function;
      const void *args;      /* inline_args, an allocation, or device memory (aclrtLaunchKernel) */
      size_t args_bytes;
      uint32_t blocks;
      bool allocated;
      bool on_device;        /* args is device memory, known only when it runs */
    } kernel;
    struct {
      void *to;
      const void *from;
      size_t bytes;
      sim_direction direction;
      void (*move)(const sim_task *task); /* what it does besides a plain copy, from `inline_args` and `extra`; or NULL */
    } copy;
    struct {
      void *to;
      size_t bytes;
      int32_t value;
    } fill;
    sim_record *record;      /* RECORD, WAIT, RESET (may be NULL there) */
    struct {
      sim_signal *signal;    /* RAISE, AWAIT; NULL: a value in memory */
      uint64_t *address;
      uint64_t value;
      uint32_t mode;
      bool clear;            /* AWAIT: back to 0 */
    } signal;
    struct {
      void (*function)(sim_stream *stream, const sim_task *task); /* quick; with the lock */
      void (*drop)(sim_stream *stream, const sim_task *task);     /* instead, where the stream ends before; or NULL */
      void *argument;
    } apply;
    sim_graph *graph;
    struct {
      /* Puts the stream's graph_at and graph_node where it goes on. Quick; with the lock. */
      void (*go)(sim_stream *stream, const sim_task *task);
      void *argument;
      bool takes_time;       /* reads device memory */
    } branch;
    struct {
      uint32_t number;       /* among those of the graph */
      bool records;
    } outside;
  } u;
  _Alignas(16) unsigned char inline_args[SIM_INLINE_ARGS_BYTES];
};

typedef struct sim_binary {
  sim_slot slot;
  void *library;             /* dlopen handle */
  uint32_t uses;             /* queued launches and graph nodes */
  bool unloaded;             /* closed when uses reaches 0 */
  bool work_from_args;       /* its NAME__work look at the arguments alone */
  uint32_t *outcome;         /* what its kernels say of their end, or NULL */
  aclrtOpExceptionCallback on_exception; /* of its kernels, or NULL */
  void *on_exception_data;
  bool lazy;                 /* no image before one is needed */
  void *images[SIM_MAX_DEVICES]; /* on devices: binary_image.c */
  sim_function *functions;
} sim_binary;

struct sim_function {
  sim_slot slot;
  sim_binary *binary;
  sim_function *next;        /* of the binary */
  void (*compute)(const npu_sim_launch *launch);
  void (*work)(const npu_sim_launch *launch, npu_sim_work *work);
  const uint32_t *parameters; /* bytes of each, to a 0; NULL where the binary does not say */
  char name[256];
};

extern sim_slab sim_contexts, sim_streams, sim_events, sim_binaries, sim_functions, sim_graphs, sim_signals;

/* ---- context.c, device.c ---- */

/* The thread's current context, or NULL (with 107002 noted as message). */
sim_context *sim_current(void);
/* NULL where the number is out of range or the configuration is wrong; `*error` says which. */
sim_device *sim_device_at(int64_t index, aclError *error);
sim_device *sim_device_slot(uint32_t index);
/* Takes a reference; the first one builds the device's memory, model, default context. Engine lock not held. */
aclError sim_device_acquire(sim_device *device);
aclError sim_device_release(sim_device *device, bool force);
sim_context *sim_context_create(sim_device *device, bool is_default, aclError *error);
void sim_context_destroy(sim_context *context, bool force);
void sim_context_enter(sim_context *context);
/* Ends every device, for aclFinalize. */
void sim_devices_finalize(void);

/* ---- stream.c ---- */

/* The live stream of a handle (NULL: the default one), which has to be of the current context. Engine lock held. */
sim_stream *sim_stream_of(aclrtStream handle, aclError *error);
/* Engine lock held. */
sim_stream *sim_stream_create(sim_device *device, sim_context *context, aclError *error);
/* Drops what is queued; frees the slot. Engine lock held. */
void sim_stream_discard(sim_stream *stream);
/* Drops what is queued, once nothing of it runs; those that wait are told `error`. Engine lock held. */
void sim_stream_abort(sim_stream *stream, aclError error);
/* A task of it failed. Engine lock held. */
void sim_stream_fail(sim_stream *stream, aclError error);
/* Whether a failure ended all work of its context. */
static inline bool sim_stream_stopped(const sim_stream *stream) {
  return stream->context != NULL && stream->context->failed != ACL_SUCCESS;
}

/* ---- event.c ---- */

/* NULL with `*error` where there is no room. Engine lock held, as for all below. */
sim_event *sim_event_create(sim_device *device, uint32_t flags, bool extended, aclError *error);
void sim_event_end(sim_event *event);
sim_event *sim_event_of(aclrtEvent handle, aclError *error);
/* A wait of so many seconds, 0: for ever. Engine lock not held. */
aclError sim_event_wait(aclrtStream stream, aclrtEvent event, uint32_t seconds);
sim_record *sim_record_create(void);
void sim_record_release(sim_record *record);
/* The stream came as far as the record. Wakes the streams that wait for it. */
void sim_record_complete(sim_record *record, uint64_t at_ns);

/* ---- binary.c ---- */

/* The loaded binary of a handle. Engine lock held. */
sim_binary *sim_binary_of(const void *handle, aclError *error);
sim_function *sim_function_of(aclrtFuncHandle handle);
void sim_binary_use(sim_binary *binary);
/* Engine lock held. */
void sim_binary_unuse(sim_binary *binary);

/* ---- stats.c ---- */

/* Writes FLEXNPU_SIM_STATS, if set. */
void sim_stats_write(void);

#endif
