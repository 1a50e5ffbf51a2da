/*
 * Runs a random plan (plan.h) with its threads and streams, then compares all of device memory and all that was copied
 * back with what the plan says. Arguments: kernel binary, seed, number of operators. It spoils every argument as soon
 * as the call returned, as a program may.
 */
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

#include "plan.h"
#include "program.h"

static plan the_plan;
static kernels k;
static arena *device;
static uint8_t *device_args; /* 64 bytes an operator, for launches with arguments in device memory */
static uint8_t *pinned;      /* REGION_BYTES an operator: sources and destinations that stay as they are */
static uint8_t (*pageable)[REGION_BYTES];
static aclrtStream streams[PLAN_STREAMS];
static aclrtEvent events[PLAN_EVENTS];
static atomic_bool issued[PLAN_OPS];

static void launch_append(const op *o, uint32_t number, aclrtStream stream) {
  append_args args = {&device->logs[o->stream], o->value, o->hbm_bytes};
  aclrtLaunchKernelAttr attribute = {.id = ACL_RT_LAUNCH_KERNEL_ATTR_SCHEM_MODE, .value.schemMode = 1};
  aclrtLaunchKernelCfg configuration = {.attrs = &attribute, .numAttrs = 1};
  uint8_t *there = device_args + number * 64u;
  switch (o->form) {
    case FORM_DEVICE_ARGS:
    case FORM_DEVICE_ARGS_V2:
      if (o->pinned) { /* the arguments come by a queued copy: the launch must not overtake it */
        memcpy(pinned + number * REGION_BYTES, &args, sizeof args);
        OK(aclrtMemcpyAsync(there, 64, pinned + number * REGION_BYTES, sizeof args, ACL_MEMCPY_HOST_TO_DEVICE, stream));
      } else {
        OK(aclrtMemcpy(there, 64, &args, sizeof args, ACL_MEMCPY_HOST_TO_DEVICE));
      }
      if (o->form == FORM_DEVICE_ARGS) OK(aclrtLaunchKernel(k.append, 8, there, sizeof args, stream));
      else OK(aclrtLaunchKernelV2(k.append, 8, there, sizeof args, &configuration, stream));
      break;
    case FORM_HOST_ARGS:
      OK(aclrtLaunchKernelWithHostArgs(k.append, 8, stream, &configuration, &args, sizeof args, NULL, 0));
      break;
    default: {
      aclrtArgsHandle handle;
      aclrtParamHandle log, value, bytes;
      uint64_t wrong = 0xbad;
      OK(aclrtKernelArgsInit(k.append, &handle));
      OK(aclrtKernelArgsAppend(handle, &args.log, sizeof args.log, &log));
      OK(aclrtKernelArgsAppend(handle, &wrong, sizeof wrong, &value));
      OK(aclrtKernelArgsAppend(handle, &args.hbm_bytes, sizeof args.hbm_bytes, &bytes));
      OK(aclrtKernelArgsParaUpdate(handle, value, &args.value, sizeof args.value));
      OK(aclrtKernelArgsFinalize(handle));
      OK(aclrtLaunchKernelWithConfig(k.append, 8, stream, &configuration, handle, NULL));
      /* The next arguments of the thread are built in the same memory. */
      OK(aclrtKernelArgsInit(k.append, &handle));
      break;
    }
  }
  memset(&args, 0xee, sizeof args);
  memset(&attribute, 0xee, sizeof attribute);
  memset(&configuration, 0xee, sizeof configuration);
}

static void launch_list(const op *o, aclrtStream stream) {
  if (o->form % 2 == 0) {
    struct {
      append_list_args args;
      uint64_t list[LIST_MAX];
    } host = {.args = {&device->logs[o->stream], NULL, o->list_count, o->hbm_bytes}};
    aclrtPlaceHolderInfo holder = {offsetof(append_list_args, list), sizeof host.args};
    memcpy(host.list, o->list, sizeof host.list);
    OK(aclrtLaunchKernelWithHostArgs(k.append_list, 8, stream, NULL, &host, sizeof host, &holder, 1));
    memset(&host, 0xee, sizeof host);
    memset(&holder, 0xee, sizeof holder);
    return;
  }
  size_t handle_bytes, args_bytes;
  OK(aclrtKernelArgsGetHandleMemSize(k.append_list, &handle_bytes));
  OK(aclrtKernelArgsGetMemSize(k.append_list, sizeof(append_list_args) + sizeof o->list, &args_bytes));
  void *handle = calloc(1, handle_bytes), *memory = calloc(1, args_bytes), *buffer = NULL;
  CHECK(handle != NULL && memory != NULL);
  aclrtParamHandle log, list, count, bytes;
  device_log *where = &device->logs[o->stream];
  uint64_t values = o->list_count;
  OK(aclrtKernelArgsInitByUserMem(k.append_list, handle, memory, args_bytes));
  OK(aclrtKernelArgsAppend(handle, &where, sizeof where, &log));
  OK(aclrtKernelArgsAppendPlaceHolder(handle, &list));
  OK(aclrtKernelArgsAppend(handle, &values, sizeof values, &count));
  OK(aclrtKernelArgsAppend(handle, (void *)(uintptr_t)&o->hbm_bytes, sizeof o->hbm_bytes, &bytes));
  OK(aclrtKernelArgsGetPlaceHolderBuffer(handle, list, sizeof o->list, &buffer));
  memcpy(buffer, o->list, sizeof o->list);
  OK(aclrtKernelArgsFinalize(handle));
  OK(aclrtLaunchKernelWithConfig(k.append_list, 8, stream, NULL, handle, NULL));
  memset(handle, 0xee, handle_bytes);
  memset(memory, 0xee, args_bytes);
  free(handle);
  free(memory);
}

static void copy(const op *o, uint32_t number, aclrtStream stream) {
  uint8_t *region = device->regions[o->stream][o->region];
  uint8_t *kept = pinned + number * REGION_BYTES;
  uint8_t passing[REGION_BYTES];
  if (o->kind == OP_ON_DEVICE) {
    OK(aclrtMemcpyAsync(region, REGION_BYTES, device->regions[o->stream][1 - o->region], REGION_BYTES,
                        ACL_MEMCPY_DEVICE_TO_DEVICE, stream));
  } else if (o->kind == OP_TO_DEVICE) {
    uint8_t *from = o->pinned ? kept : passing;
    plan_pattern(from, o->value);
    OK(aclrtMemcpyAsync(region, REGION_BYTES, from, REGION_BYTES, ACL_MEMCPY_HOST_TO_DEVICE, stream));
    memset(passing, 0xee, sizeof passing); /* a copy from pageable memory is done when it returns */
  } else {
    uint8_t *to = o->pinned ? kept : passing;
    OK(aclrtMemcpyAsync(to, REGION_BYTES, region, REGION_BYTES, ACL_MEMCPY_DEVICE_TO_HOST, stream));
    if (!o->pinned) memcpy(pageable[number], passing, REGION_BYTES);
  }
}

static void question(const op *o, aclrtStream stream) {
  aclrtEventRecordedStatus recorded;
  aclrtStreamStatus state;
  OK(aclrtStreamQuery(stream, &state));
  OK(aclrtQueryEventStatus(events[o->event], &recorded));
  if (the_plan.extended_events) return;
  aclrtEventStatus status;
  aclrtEventWaitStatus waits;
  OK(aclrtQueryEvent(events[o->event], &status));
  OK(aclrtQueryEventWaitStatus(events[o->event], &waits));
}

static void issue(const op *o, uint32_t number) {
  aclrtStream stream = streams[o->stream];
  device_log *log = &device->logs[o->stream];
  switch (o->kind) {
    case OP_APPEND: launch_append(o, number, stream); break;
    case OP_LIST: launch_list(o, stream); break;
    case OP_MEMSET:
      OK(aclrtMemsetAsync(device->regions[o->stream][o->region], REGION_BYTES, (int32_t)(o->value & 0xff), REGION_BYTES, stream));
      break;
    case OP_DIGEST: {
      digest_args args = {log, device->regions[o->stream][o->region], REGION_BYTES, o->hbm_bytes};
      OK(launch_spoiled(k.digest, stream, &args, sizeof args));
      break;
    }
    case OP_RECORD: {
      slot_args args = {log, &device->slots[o->slot], o->hbm_bytes};
      OK(launch_spoiled(k.publish, stream, &args, sizeof args));
      OK(aclrtRecordEvent(events[o->event], stream));
      break;
    }
    case OP_WAIT:
      OK(aclrtStreamWaitEvent(stream, events[o->event]));
      if (o->slot >= 0) {
        slot_args args = {log, &device->slots[o->slot], o->hbm_bytes};
        OK(launch_spoiled(k.absorb, stream, &args, sizeof args));
      }
      break;
    case OP_RESET: OK(aclrtResetEvent(events[o->event], stream)); break;
    case OP_QUERY: question(o, stream); break;
    case OP_SYNC_STREAM: OK(aclrtSynchronizeStream(stream)); break;
    case OP_SYNC_EVENT: OK(aclrtSynchronizeEvent(events[o->event])); break;
    default: copy(o, number, stream); break;
  }
}

static void *run_thread(void *which) {
  uint32_t thread = (uint32_t)(uintptr_t)which;
  OK(aclrtSetDevice(0));
  for (uint32_t i = 0; i < the_plan.count; i++) {
    const op *o = &the_plan.ops[i];
    if (o->thread != thread) continue;
    while (o->after >= 0 && !atomic_load(&issued[o->after])) sched_yield();
    issue(o, i);
    atomic_store(&issued[i], true);
  }
  return NULL;
}

static void compare(void) {
  static arena there;
  OK(aclrtMemcpy(&there, sizeof there, device, sizeof there, ACL_MEMCPY_DEVICE_TO_HOST));
  int wrong = 0;
  for (uint32_t s = 0; s < the_plan.streams; s++) {
    const device_log *got = &there.logs[s], *want = &the_plan.expected.logs[s];
    printf("stream %u: %llu values, digest %016llx\n", s, (unsigned long long)got->count, (unsigned long long)got->digest);
    if (memcmp(got, want, sizeof *got) == 0) continue;
    uint64_t at = 0;
    while (at < LOG_ENTRIES - 1 && got->entries[at] == want->entries[at]) at++;
    fprintf(stderr, "stream %u: %llu values, %llu expected; value %llu is %llx, not %llx\n", s,
            (unsigned long long)got->count, (unsigned long long)want->count, (unsigned long long)at,
            (unsigned long long)got->entries[at], (unsigned long long)want->entries[at]);
    wrong++;
  }
  if (memcmp(there.regions, the_plan.expected.regions, sizeof there.regions) != 0) fprintf(stderr, "regions differ\n"), wrong++;
  if (memcmp(there.slots, the_plan.expected.slots, sizeof there.slots) != 0) fprintf(stderr, "slots differ\n"), wrong++;
  for (uint32_t i = 0; i < the_plan.count; i++) {
    if (the_plan.ops[i].kind != OP_FROM_DEVICE) continue;
    const uint8_t *got = the_plan.ops[i].pinned ? pinned + i * REGION_BYTES : pageable[i];
    if (memcmp(got, the_plan.expected_host[i], REGION_BYTES) == 0) continue;
    fprintf(stderr, "operator %u copied wrong bytes to the host\n", i);
    wrong++;
  }
  printf("memory %016llx\n", (unsigned long long)bytes_digest((const uint8_t *)&there, sizeof there));
  CHECK(wrong == 0);
}

int main(int argc, char **argv) {
  CHECK(argc == 4);
  plan_make(&the_plan, strtoull(argv[2], NULL, 10), (uint32_t)strtoul(argv[3], NULL, 10));
  OK(aclInit(NULL));
  OK(aclrtSetDevice(0));
  k = load_kernels(argv[1]);
  device = device_memory(sizeof *device);
  device_args = device_memory(the_plan.count * 64u);
  pinned = pinned_memory(the_plan.count * REGION_BYTES);
  pageable = calloc(the_plan.count, REGION_BYTES);
  CHECK(pageable != NULL);
  for (uint32_t s = 0; s < the_plan.streams; s++) OK(aclrtCreateStreamWithConfig(&streams[s], s % 8, 0));
  for (uint32_t e = 0; e < PLAN_EVENTS; e++)
    OK(the_plan.extended_events ? aclrtCreateEventExWithFlag(&events[e], ACL_EVENT_SYNC) : aclrtCreateEvent(&events[e]));
  pthread_t threads[PLAN_THREADS];
  for (uint32_t t = 0; t < the_plan.threads; t++) CHECK(pthread_create(&threads[t], NULL, run_thread, (void *)(uintptr_t)t) == 0);
  for (uint32_t t = 0; t < the_plan.threads; t++) CHECK(pthread_join(threads[t], NULL) == 0);
  if (the_plan.count % 2 == 0) OK(aclrtSynchronizeDevice());
  else
    for (uint32_t s = 0; s < the_plan.streams; s++) OK(aclrtSynchronizeStream(streams[s]));
  compare();
  for (uint32_t s = 0; s < the_plan.streams; s++) OK(aclrtDestroyStream(streams[s]));
  for (uint32_t e = 0; e < PLAN_EVENTS; e++) OK(aclrtDestroyEvent(events[e]));
  OK(aclrtFree(device_args));
  OK(aclrtFree(device));
  OK(aclrtFreeHost(pinned));
  free(pageable);
  OK(aclrtBinaryUnLoad(k.binary));
  OK(aclrtResetDevice(0));
  OK(aclFinalize());
  return 0;
}
