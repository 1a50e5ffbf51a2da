/*
 * Values that streams change and wait for: notifies, counting notifies, events outside graphs, words of memory. Engine
 * lock held, for all.
 */
#ifndef NPU_SIM_SIGNALS_H
#define NPU_SIM_SIGNALS_H

#include "sim.h"

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
