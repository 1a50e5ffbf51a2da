/* Pinned memory; see remote/pinned.h. The address is the client's: the daemon translates it. */
#include "remote/pinned.h"

#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "memory/ranges.h"
#include "remote/call.h"
#include "remote/connection.h"
#include "remote/error.h"
#include "remote_client.h"

static fx_ranges pinned = FX_RANGES_INIT;

static size_t mapped_bytes(size_t bytes) { return (bytes + FX_PINNED_PAGE_BYTES - 1) / FX_PINNED_PAGE_BYTES * FX_PINNED_PAGE_BYTES; }

static aclError announce(const char *path, const void *address, size_t bytes) {
  char line[256];
  fx_json reply;
  (void)snprintf(line, sizeof line, "{\"pin\":\"%s\",\"address\":\"0x%llx\",\"bytes\":%llu}\n", path,
                 (unsigned long long)(uintptr_t)address, (unsigned long long)bytes);
  return fx_connection_request(line, &reply);
}

static void withdraw(const void *address) {
  char line[64];
  fx_json reply;
  (void)snprintf(line, sizeof line, "{\"unpin\":\"0x%llx\"}\n", (unsigned long long)(uintptr_t)address);
  (void)fx_connection_request(line, &reply); /* where it is lost, the daemon has let go of everything */
}

void *fx_pinned_take(size_t bytes, aclError *error) {
  if ((*error = fx_connection_open()) != ACL_SUCCESS) return NULL;
  char path[96];
  size_t whole = mapped_bytes(bytes);
  if (bytes == 0 || whole < bytes) {
    *error = fx_remote_fail(ACL_ERROR_RT_PARAM_INVALID, "no pinned memory of %zu bytes", bytes);
    return NULL;
  }
  void *memory = fx_connection_share(whole, whole, path, sizeof path, NULL, error);
  if (memory == NULL) return NULL;
  *error = announce(path, memory, whole);
  (void)unlink(path);
  if (*error == ACL_SUCCESS && !fx_ranges_add(&pinned, memory, whole, 0)) {
    withdraw(memory);
    *error = fx_remote_fail(ACL_ERROR_BAD_ALLOC, "no host memory to remember pinned memory");
  }
  if (*error == ACL_SUCCESS) return memory;
  (void)munmap(memory, whole);
  return NULL;
}

aclError fx_pinned_give(void *address) {
  fx_range range;
  if (!fx_ranges_take(&pinned, address, &range)) return fx_remote_fail(ACL_ERROR_RT_PARAM_INVALID, "%p is no pinned memory", address);
  withdraw(address);
  (void)munmap(address, range.bytes);
  return ACL_SUCCESS;
}

bool fx_pinned_holds(const void *address, size_t bytes) { return fx_ranges_hold(&pinned, address, bytes); }

aclError fx_remote_aclrtMallocHost(void **hostPtr, size_t size) {
  if (hostPtr == NULL) return fx_remote_fail(ACL_ERROR_INVALID_PARAM, "a required pointer is NULL");
  if (size == 0 || size > SIZE_MAX / 4) return fx_remote_fail(ACL_ERROR_INVALID_PARAM, "size %zu is none of memory", size);
  aclrtContext context;
  aclError error = fx_call_aclrtGetCurrentContext(&context); /* there has to be one, though the memory is the process's */
  if (error != ACL_SUCCESS) return error;
  void *memory = fx_pinned_take(size, &error);
  if (memory != NULL) *hostPtr = memory;
  return error;
}

/* Waits until what was issued before is handed over: it may still name the memory. The daemon has no more to do for it. */
static aclError barrier(void *address) {
  fx_call c;
  aclError error = fx_call_open(&c, FX_API_aclrtFreeHost, 8);
  if (error != ACL_SUCCESS) return error;
  fx_call_put(&c, (uint64_t)(uintptr_t)address);
  return fx_call_answer(&c, FLEXNPU_NONE, FLEXNPU_NONE);
}

aclError fx_remote_aclrtFreeHost(void *hostPtr) {
  if (hostPtr == NULL) return fx_remote_fail(ACL_ERROR_INVALID_PARAM, "a required pointer is NULL");
  if (!fx_pinned_holds(hostPtr, 1)) return fx_remote_fail(ACL_ERROR_RT_PARAM_INVALID, "%p is no pinned memory", hostPtr);
  aclError error = barrier(hostPtr);
  return error == ACL_SUCCESS ? fx_pinned_give(hostPtr) : error;
}

/* Memory that the program has already cannot become the daemon's, too. */
aclError fx_remote_aclrtHostRegister(void *ptr, uint64_t size, aclrtHostRegisterType type, void **devPtr) {
  (void)size;
  (void)type;
  (void)devPtr;
  return fx_remote_fail(ACL_ERROR_RT_FEATURE_NOT_SUPPORT, "%p: under a FlexNPU daemon only aclrtMallocHost pins memory", ptr);
}

aclError fx_remote_aclrtHostUnregister(void *ptr) {
  return fx_remote_fail(ACL_ERROR_RT_PARAM_INVALID, "%p was not registered", ptr);
}
