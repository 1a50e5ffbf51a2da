/*
 * The thread that plays the device when nobody waits or asks, so that pinned memory that a program polls changes and
 * queues do not grow without bound. It sleeps while there is nothing to do and is no part of any timing.
 */
#ifndef NPU_SIM_BACKGROUND_H
#define NPU_SIM_BACKGROUND_H

#include "sim.h"

/* Starts it (not at SIM_PACE_NULL). Engine lock held. */
aclError sim_background_start(void);
/* Wakes it after sim_engine.background_asleep. Engine lock held. */
void sim_background_wake(void);

#endif
