/*
 * Functions of the program that run in a stream's order. A callback is a record of its stream, whose completion puts it
 * into the list of the thread that runs it, and where the stream has to wait for it, a wait for a second record, which
 * that thread completes.
 */
#ifndef NPU_SIM_CALLBACK_H
#define NPU_SIM_CALLBACK_H

#include "sim.h"

/* Engine lock held, for all. */

/* The stream has come to the callback of its record. */
void sim_callback_reached(sim_record *record);
/* The stream ends before it came there. */
void sim_callback_drop(sim_record *record);
/* The stream ends: its thread runs nothing of it any more. */
void sim_callback_leave(sim_stream *stream);
/* Whether the thread has something to run, or nothing to wait for. */
bool sim_subscriber_ready(const sim_subscriber *subscriber);

#endif
