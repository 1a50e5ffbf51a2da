/* What the program hears of: streams, devices, ends of work, kernels that failed. */
#ifndef NPU_SIM_LISTENERS_H
#define NPU_SIM_LISTENERS_H

#include "sim.h"

/* Engine lock held, released meanwhile, for the streams' two; not held for the others. */
void sim_tell_stream(sim_stream *stream, aclrtStreamState state);
void sim_tell_device(int32_t device, aclrtDeviceState state);
void sim_tell_abort(int32_t device, aclrtDeviceTaskAbortStage stage, uint32_t timeout_ms);

/* Tells the program of a kernel that failed. Engine lock held, released meanwhile. */
void sim_exception(sim_stream *stream, const sim_task *kernel, aclError error);

#endif
