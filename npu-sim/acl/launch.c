/*
 * Kernel launches. Host arguments are copied before the call returns and the pointers of placeholders are set to the
 * copy; arguments that lie in device memory (aclrtLaunchKernel) are read when the kernel runs, as on the device.
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "args.h"
#include "engine.h"
#include "memory.h"

/* More than any launch has, so that a wild size is an error and not an allocation. */
#define ARGS_LIMIT_BYTES (16u << 20)

/* FLEXNPU_SIM_LAUNCH_NS: what a launch costs the host on a real machine, spent by looking at the clock. */
static void spend_launch_time(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  uint64_t end = (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec + sim_configuration.launch_ns;
  do {
    clock_gettime(CLOCK_MONOTONIC, &now);
  } while ((uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec < end);
}

static aclError check_config(const aclrtLaunchKernelCfg *config) {
  if (config == NULL) return ACL_SUCCESS;
  if (config->attrs == NULL && config->numAttrs > 0) return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "a launch configuration without attributes");
  for (size_t i = 0; i < config->numAttrs; i++) {
    int id = (int)config->attrs[i].id;
    if (id < ACL_RT_LAUNCH_KERNEL_ATTR_SCHEM_MODE || id > ACL_RT_LAUNCH_KERNEL_ATTR_ENABLE_PROFILING) {
      return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "launch attribute %d is not known", id);
    }
  }
  return ACL_SUCCESS;
}

/* A task for the kernel with `bytes` of room for its arguments, or NULL. Lock held. */
static sim_task *kernel_task(sim_function *function, uint32_t blocks, size_t bytes, unsigned char **room) {
  sim_task *task = sim_task_take(SIM_TASK_KERNEL);
  if (task == NULL) return NULL;
  unsigned char *args = task->inline_args;
  if (bytes > SIM_INLINE_ARGS_BYTES) {
    args = malloc(bytes);
    if (args == NULL) {
      sim_task_give(task);
      return NULL;
    }
    task->u.kernel.allocated = true;
  }
  task->u.kernel.args = args;
  task->u.kernel.args_bytes = bytes;
  task->u.kernel.blocks = blocks;
  task->u.kernel.function = function;
  sim_binary_use(function->binary);
  *room = args;
  return task;
}

/* Where a placeholder's pointer is and where its data is, both from the start of the arguments. */
static void point(unsigned char *args, size_t pointer_offset, size_t data_offset) {
  uint64_t address = (uint64_t)(uintptr_t)(args + data_offset);
  memcpy(args + pointer_offset, &address, sizeof address);
}

static aclError check_launch(aclrtFuncHandle handle, uint32_t blocks, size_t bytes, const aclrtLaunchKernelCfg *config, sim_function **function) {
  if (blocks == 0) return sim_fail(ACL_ERROR_INVALID_PARAM, "a launch of 0 blocks");
  if (bytes > ARGS_LIMIT_BYTES) return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "%zu bytes of arguments", bytes);
  *function = sim_function_of(handle);
  if (*function == NULL) return ACL_ERROR_RT_INVALID_HANDLE;
  aclError error = check_config(config);
  if (error == ACL_SUCCESS && sim_configuration.launch_ns != 0) spend_launch_time();
  return error;
}

static aclError no_memory(void) { return sim_fail(ACL_ERROR_RT_MEMORY_ALLOCATION, "no host memory for a launch"); }

aclError sim_aclrtLaunchKernelWithHostArgs(aclrtFuncHandle handle, uint32_t blocks, aclrtStream stream_handle,
                                           aclrtLaunchKernelCfg *config, void *host_args, size_t bytes,
                                           aclrtPlaceHolderInfo *placeholders, size_t placeholder_count) {
  if (__builtin_expect(sim_null_mode, 0)) return ACL_SUCCESS;
  sim_function *function;
  aclError error = check_launch(handle, blocks, bytes, config, &function);
  if (error != ACL_SUCCESS) return error;
  if (placeholders == NULL && placeholder_count > 0) return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "placeholders without a list");
  for (size_t i = 0; i < placeholder_count; i++) {
    if (bytes < sizeof(uint64_t) || placeholders[i].addrOffset > bytes - sizeof(uint64_t) || placeholders[i].dataOffset > bytes) {
      return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "placeholder %zu (%u, %u) is outside the %zu bytes of arguments", i,
                      placeholders[i].addrOffset, placeholders[i].dataOffset, bytes);
    }
  }
  sim_engine_lock();
  sim_stream *stream = sim_stream_of(stream_handle, &error);
  if (stream != NULL) {
    unsigned char *args = NULL;
    sim_task *task = kernel_task(function, blocks, bytes, &args);
    if (task == NULL) {
      error = no_memory();
    } else {
      memcpy(args, host_args, bytes);
      for (size_t i = 0; i < placeholder_count; i++) point(args, placeholders[i].addrOffset, placeholders[i].dataOffset);
      error = sim_engine_submit(stream, task);
    }
  }
  sim_engine_unlock();
  return error;
}

aclError sim_aclrtLaunchKernelWithConfig(aclrtFuncHandle handle, uint32_t blocks, aclrtStream stream_handle,
                                         aclrtLaunchKernelCfg *config, aclrtArgsHandle args_handle, void *reserve) {
  if (__builtin_expect(sim_null_mode, 0)) return ACL_SUCCESS;
  if (reserve != NULL) return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "reserve has to be NULL");
  aclError error;
  sim_args *given = sim_args_of(args_handle, &error);
  if (given == NULL) return error;
  sim_function *function;
  error = check_launch(handle, blocks, given->used, config, &function);
  if (error != ACL_SUCCESS) return error;
  if (!given->finalized || given->updating) return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "the arguments are not finalized");
  if (given->function != function) return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "the arguments are of another kernel");
  sim_engine_lock();
  sim_stream *stream = sim_stream_of(stream_handle, &error);
  if (stream != NULL) {
    unsigned char *args = NULL;
    sim_task *task = kernel_task(function, blocks, given->used, &args);
    if (task == NULL) {
      error = no_memory();
    } else {
      memcpy(args, given->buffer, given->used);
      for (uint32_t i = 0; given->placeholders > 0 && i < given->count; i++) {
        const sim_param *param = &given->params[i];
        if (param->placeholder && param->data_offset != 0) point(args, param->offset, param->data_offset);
      }
      error = sim_engine_submit(stream, task);
    }
  }
  sim_engine_unlock();
  return error;
}

sim_task *sim_launch_task(sim_function *function, uint32_t blocks, const void *args, size_t bytes, bool on_device, aclError *error) {
  unsigned char *room = NULL;
  sim_task *task = kernel_task(function, blocks, on_device ? 0 : bytes, &room);
  if (task == NULL) {
    *error = no_memory();
    return NULL;
  }
  if (!on_device) {
    memcpy(room, args, bytes);
    return task;
  }
  task->u.kernel.args = args;
  task->u.kernel.on_device = true;
  task->u.kernel.args_bytes = bytes;
  return task;
}

aclError sim_aclrtLaunchKernelV2(aclrtFuncHandle handle, uint32_t blocks, const void *args_data, size_t bytes,
                                 aclrtLaunchKernelCfg *config, aclrtStream stream_handle) {
  if (__builtin_expect(sim_null_mode, 0)) return ACL_SUCCESS;
  sim_function *function = NULL;
  aclError error = check_launch(handle, blocks, bytes, config, &function);
  if (error != ACL_SUCCESS) return error;
  sim_place place = bytes > 0 ? sim_memory_place(args_data, bytes) : SIM_PLACE_HOST;
  if (place == SIM_PLACE_DEVICE_BAD) return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "%zu bytes of arguments at %p are not all device memory", bytes, args_data);
  bool on_device = place == SIM_PLACE_DEVICE;
  sim_engine_lock();
  sim_stream *stream = sim_stream_of(stream_handle, &error);
  sim_task *task = stream != NULL ? sim_launch_task(function, blocks, args_data, bytes, on_device, &error) : NULL;
  if (task != NULL) error = sim_engine_submit(stream, task);
  sim_engine_unlock();
  return error;
}

aclError sim_aclrtLaunchKernel(aclrtFuncHandle handle, uint32_t blocks, const void *args_data, size_t bytes, aclrtStream stream) {
  return sim_aclrtLaunchKernelV2(handle, blocks, args_data, bytes, NULL, stream);
}
