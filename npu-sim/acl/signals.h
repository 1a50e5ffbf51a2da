/*
 * Values that streams change and wait for: notifies, counting notifies, events outside graphs, words of memory. Engine
 * lock held, for all.
 */
#ifndef NPU_SIM_SIGNALS_H
#define NPU_SIM_SIGNALS_H

#include "sim.h"

struct sim_signal {
  sim_slot slot;
  sim_device *device;
  uint32_t references; /* the handle, queued tasks, nodes of graphs */
  bool ended;          /* its handle is dead */
  bool counting;
  uint32_t value;
  sim_stream *blocked;
  uint32_t ipc;        /* the machine's number where processes share it: there its value is; else SIM_NONE */
  uint64_t ipc_serial;
  sim_signal *next_shared;
};

/* A notify by its handle; NULL with 107017 where it is none. */
sim_signal *sim_notify_of(const void *handle, aclError *error);
/* Another notify of the device. */
sim_signal *sim_notify_create(sim_device *device, aclError *error);
/* Its value is the machine's from here on. */
void sim_signal_share(sim_signal *signal, uint32_t index, uint64_t serial);
/* A stream that waited for a shared signal and has taken it now; NULL: none. Machine lock held, too. */
sim_stream *sim_signal_take_shared(void);

/* The task changes its signal, at this time. */
void sim_signal_raise(const sim_task *task, uint64_t at_ns);
/* Whether the signal is as the task wants it; then it is taken. */
bool sim_signal_take(const sim_task *task);
/* Those that wait for the task's signal. */
sim_stream **sim_signal_blocked(const sim_task *task);
/* Memory has changed: streams that wait for values look again. */
void sim_signal_look(uint64_t at_ns);
void sim_signal_release(sim_signal *signal);
/* A signal of its own, 0; NULL where there is no room. */
sim_signal *sim_signal_create(sim_device *device);
uint32_t sim_signal_value(const sim_signal *signal);
/* Value of a notify that is up. */
#define SIM_RAISED 1u
/* What a stream does to a signal, or waits for. */
typedef struct {
  sim_task_kind kind; /* RAISE, AWAIT */
  uint32_t mode, value;
  bool clear;
  uint32_t seconds; /* as long as it waits, 0: for ever */
} sim_change;
aclError sim_signal_submit(sim_stream *stream, sim_signal *signal, sim_change change);

#endif
