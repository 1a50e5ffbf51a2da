/*
 * A simulated machine that several processes share (FLEXNPU_SIM_MACHINE=NAME): one file in /dev/shm that holds the
 * clock, the state of every device's model, and for each process (a member) what it has put on the devices. Operators
 * are queued there with their work, in lanes, so that any member can play the machine forward for all; only where the
 * next operator depends on what its process does (a question, a record that somebody waits for) the machine is held
 * at that time until the process has acted. So time is exact for all, whoever plays.
 *
 * Invariants: everything but what is said to be atomic changes under the machine's lock, and every change is noted
 * before (sim_machine_note), so that what a member had half done when it was killed is undone by the next one that
 * takes the lock. Nobody reads a result (end_order) before it is committed. Nothing holds an address.
 */
#ifndef NPU_SIM_MACHINE_H
#define NPU_SIM_MACHINE_H

#include "engine.h"

#define SIM_MEMBERS 32u
/* Streams of one member that have work on devices at the same time. 32 * 128 is what the model can hold. */
#define SIM_LANES 128u
/* Operators of one member that the machine knows ahead. */
#define SIM_NODES 8192u
#define SIM_STATE_BYTES (640u << 10)
#define SIM_UNDO_BYTES (256u << 10)
#define SIM_IPC_MEMORIES 1024u
#define SIM_IPC_EVENTS 1024u
#define SIM_IPC_NOTIFIES 1024u
#define SIM_IPC_PIDS 32u
/* Records of an IPC event that can be under way at a time. */
#define SIM_IPC_RECORDS 64u

typedef enum { SIM_NODE_KERNEL, SIM_NODE_COPY, SIM_NODE_MARK } sim_node_kind;

/* One operator that the machine knows. A mark takes no time: it says when its stream came there. */
typedef struct sim_node {
  uint32_t next;        /* of the lane; SIM_NONE at its end */
  uint32_t kind;
  uint32_t in_graph;
  uint32_t direction;   /* COPY */
  uint32_t blocks;      /* KERNEL */
  uint32_t hold;        /* here the lane and the machine wait for the member */
  uint64_t enqueue_ns;
  npu_sim_work work;    /* COPY: hbm_bytes is its size */
  uint64_t end_ns;
  uint64_t end_order;   /* atomic; 0 until it ended; counts all ends of the machine */
} sim_node;

typedef enum { SIM_LANE_FREE, SIM_LANE_IDLE, SIM_LANE_DUE, SIM_LANE_RUNNING, SIM_LANE_HELD } sim_lane_state;

/* A stream's operators on the machine. `at_ns`: since when idle or held, or when due. */
typedef struct sim_lane {
  uint32_t state;
  uint32_t device;
  uint32_t current, last; /* nodes */
  uint64_t at_ns;
} sim_lane;

typedef struct sim_member {
  pthread_mutex_t life;    /* robust; the member's background thread has it as long as the process lives */
  uint32_t used;
  uint32_t generation;
  int32_t pid;
  uint32_t word;           /* atomic, a futex: changes when the member should look */
  uint32_t lane_high;      /* lanes ever used */
  uint64_t due_ns;         /* the machine does not pass this time before the member has acted */
  uint64_t due_since_ns;   /* on the host's clock */
  uint64_t ipc_ns;         /* an IPC event of which it waits completed then; SIM_NEVER: none */
  uint64_t wake_before_ns; /* it sleeps until then: to be woken if its work ends earlier; 0: no matter */
  uint64_t hbm_bytes[SIM_MAX_DEVICES];
  sim_lane lanes[SIM_LANES];
  sim_node nodes[SIM_NODES];
} sim_member;

/* Who may use what a member shares. */
typedef struct sim_ipc_guests {
  uint32_t open_to_all;    /* no list of processes */
  uint32_t pid_count;
  int32_t pids[SIM_IPC_PIDS];
} sim_ipc_guests;

/* Device memory that other members may map: a file of the member that made it. */
typedef struct sim_ipc_memory {
  uint64_t holders;        /* members, as bits; 0: no entry */
  uint64_t serial;
  uint32_t owner;
  uint32_t owner_generation;
  int32_t owner_pid, file; /* /proc/PID/fd/FILE */
  uint64_t offset, bytes;
  uint32_t orphaned;       /* its maker has freed it or is gone: charged here */
  uint32_t device;
  uint32_t physical;       /* made by aclrtMallocPhysical */
  sim_ipc_guests guests;
} sim_ipc_memory;

typedef struct sim_ipc_event {
  uint64_t holders;        /* members, as bits; 0: no entry */
  uint64_t serial;
  uint64_t latest;         /* number of the latest record, 0: none */
  uint64_t waiting;        /* members to tell of completions */
  uint32_t pending[SIM_IPC_RECORDS]; /* by number modulo: the member whose record is under way + 1, 0: done */
} sim_ipc_event;

typedef struct sim_ipc_notify {
  uint64_t holders;        /* members, as bits; 0: no entry */
  uint64_t serial;
  uint64_t waiting;        /* members to tell when it is raised */
  uint32_t value, device;
  sim_ipc_guests guests;
} sim_ipc_notify;

typedef struct sim_device_state {
  uint64_t version;        /* 0: nobody opened the device yet */
  uint32_t which;          /* of the two copies */
  uint32_t bytes;
} sim_device_state;

typedef struct sim_machine {
  uint64_t magic;          /* written last */
  uint64_t layout_bytes;
  uint32_t chip, devices, pace;
  double speed;
  uint64_t clock_zero_ns;
  pthread_mutex_t lock;    /* robust */
  uint64_t now_ns;         /* atomic; everything before has happened */
  uint64_t order;
  uint64_t committed_order; /* atomic */
  uint64_t serial;         /* of IPC entries */
  uint64_t blocked;        /* members that wait for others to act, as bits */
  sim_device_state device[SIM_MAX_DEVICES];
  uint64_t undo_bytes;     /* atomic; 0 between changes */
  _Alignas(64) unsigned char undo[SIM_UNDO_BYTES];
  sim_ipc_memory memories[SIM_IPC_MEMORIES];
  sim_ipc_event events[SIM_IPC_EVENTS];
  sim_ipc_notify notifies[SIM_IPC_NOTIFIES];
  sim_member members[SIM_MEMBERS];
  _Alignas(64) unsigned char states[SIM_MAX_DEVICES][2][SIM_STATE_BYTES];
} sim_machine;

/* The machine that this process is on, and its place there; NULL: the devices are its own. */
extern sim_machine *sim_shared;
extern uint32_t sim_my_index;
static inline sim_member *sim_me(void) { return &sim_shared->members[sim_my_index]; }

/* ---- machine.c: joining and leaving ---- */

/* Joins FLEXNPU_SIM_MACHINE; no effect where it is not set. */
aclError sim_machine_join(void);
/* By the background thread: this process lives as long as the calling thread does. */
void sim_machine_live(void);
/* Waits for sim_machine_live; others may join from now on. */
void sim_machine_joined(void);

/* ---- machine_lock.c: the lock, undoing, the dead ---- */

void sim_machine_lock(void);
bool sim_machine_try_lock(void);
/* Commits, unlocks and wakes whom sim_machine_tell named. */
void sim_machine_unlock(void);
/* What was done so far stays. Lock held, as for all below. */
void sim_machine_commit(void);
/* Keeps the bytes of `place` for undoing; before they change. */
void sim_machine_note(void *place, size_t bytes);
#define SIM_NOTE(place) sim_machine_note(&(place), sizeof(place))
/* The member should look; woken at the unlock. */
void sim_machine_tell(uint32_t member);
bool sim_member_alive(uint32_t member);
/* Takes away what dead members left. */
void sim_machine_bury(void);

/* ---- machine_model.c: models shared by turns ---- */

/* The device's model in the machine's present state; NULL where nobody opened the device. */
sim_model *sim_machine_model(uint32_t device);
/* As sim_machine_model, to change it. */
sim_model *sim_machine_model_to_change(uint32_t device);
void sim_machine_models_save(void);
aclError sim_machine_open_device(uint32_t device, sim_model *model);

/* ---- machine_run.c: time ---- */

typedef enum { SIM_RUN_DONE, SIM_RUN_MINE, SIM_RUN_THEIRS } sim_run;
/* Plays all members' lanes until `to_ns`, or `steps` steps, or until this member (MINE) or another (THEIRS) has to act
 * first. Takes the lock itself. */
sim_run sim_machine_run(uint64_t to_ns, uint64_t *steps);
/* When anything of this member happens next; keeps it as wake_before_ns. Takes the lock itself. */
uint64_t sim_machine_next(void);
/* The lane goes on with `node` (SIM_NONE: nothing) at `at_ns`. Lock held. */
void sim_lane_enter(sim_member *member, sim_lane *lane, uint32_t node, uint64_t at_ns);
/* The lane's work goes away. */
void sim_lane_clear(uint32_t member, uint32_t lane);
/* After this member acted: until when the machine may go now. */
void sim_member_settle(uint32_t member);
/* Waits until `word` is no longer `seen`, or the host's clock says `deadline_ns`. No lock held. */
void sim_member_sleep(uint32_t seen, uint64_t deadline_ns);
uint32_t sim_member_word(void);
/* Wakes this process's sleepers. */
void sim_member_wake(void);

/* ---- lanes.c: this process's streams on the machine. Engine lock held. ---- */

/* Lets the machine know what is new of the stream. */
void sim_lanes_publish(sim_stream *stream);
/* The stream, which waited for a record, goes on at `at_ns`. */
void sim_lanes_resume(sim_stream *stream, uint64_t at_ns);
/* The stream has nothing on the machine any more. */
void sim_lanes_drop(sim_stream *stream);
/* Somebody waits for the record: the machine is to stop there. */
void sim_lanes_hold(sim_record *record);
/* As sim_engine_play. `*blocked`: another member has to act first. */
/* When anything of this process happens next. */
uint64_t sim_lanes_next(void);
bool sim_lanes_play(uint64_t to_ns, const struct sim_waiter *until, uint64_t steps, bool *blocked);

#endif
