/* Pinned memory; see remote/pinned.h. The address is the client's: the daemon translates it. */
#include "remote/pinned.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "memory/ranges.h"
#include "remote/call.h"
#include "remote/connection.h"
#include "remote/error.h"
#include "remote_client.h"

/* By what they were before, where a device stands. */
enum { OURS, PROGRAMS };
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

/* Waits until what was issued before is handed over: it may still name the memory. The daemon has no more to do for it. */
static aclError barrier(void *address) {
  fx_call c;
  aclError error = fx_call_open(&c, FX_API_aclrtFreeHost, 8);
  if (error != ACL_SUCCESS) return error;
  fx_call_put(&c, (uint64_t)(uintptr_t)address);
  return fx_call_answer(&c, FLEXNPU_NONE, FLEXNPU_NONE);
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
  if (*error == ACL_SUCCESS && !fx_ranges_add(&pinned, memory, whole, OURS)) {
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

/*
 * Pages that stand elsewhere take the place of the program's, with what is in those. Where they cannot (`errno` says why)
 * they are gone and the program's are what they were: the kernel may have unmapped those before it failed.
 */
static bool put_in_place(void *pages, void *address, size_t bytes) {
  memcpy(pages, address, bytes);
  if (mremap(pages, bytes, bytes, MREMAP_MAYMOVE | MREMAP_FIXED, address) == address) return true;
  int why = errno;
  void *again = mmap(address, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
  if (again == address) memcpy(address, pages, bytes);
  else if (again != MAP_FAILED) (void)munmap(again, bytes); /* a kernel before 4.17 takes the address for a wish */
  (void)munmap(pages, bytes);
  errno = why;
  return false;
}

/* The pages are the process's alone again, as a child of it would expect; where there is no memory for that they stay. */
static void make_private(void *address, size_t bytes) {
  void *pages = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (pages != MAP_FAILED) (void)put_in_place(pages, address, bytes);
}

aclError fx_pinned_adopt(void *address, size_t bytes) {
  aclError error = fx_connection_open();
  if (error != ACL_SUCCESS) return error;
  char path[96];
  void *memory = fx_connection_share(bytes, bytes, path, sizeof path, NULL, &error);
  if (memory == NULL) return error;
  bool placed = put_in_place(memory, address, bytes);
  if (placed) error = announce(path, address, bytes);
  else error = fx_remote_fail(ACL_ERROR_RT_MEMORY_ALLOCATION, "%zu bytes at %p cannot be shared: %s", bytes, address, strerror(errno));
  (void)unlink(path);
  if (!placed) return error;
  if (error == ACL_SUCCESS && fx_ranges_add(&pinned, address, bytes, PROGRAMS)) return ACL_SUCCESS;
  if (error == ACL_SUCCESS) withdraw(address);
  make_private(address, bytes);
  if (error != ACL_SUCCESS) return error;
  return fx_remote_fail(ACL_ERROR_BAD_ALLOC, "no host memory to remember pinned memory");
}

aclError fx_pinned_leave(void *address) {
  fx_range range;
  aclError error = barrier(address);
  if (error != ACL_SUCCESS) return error;
  if (!fx_ranges_take(&pinned, address, &range)) return ACL_SUCCESS;
  withdraw(address);
  make_private(address, range.bytes);
  return ACL_SUCCESS;
}

bool fx_pinned_holds(const void *address, size_t bytes) { return fx_ranges_hold(&pinned, address, bytes); }

aclError fx_remote_aclrtMallocHost(void **hostPtr, size_t size) {
  if (hostPtr == NULL) return fx_remote_no_pointer();
  if (size == 0 || size > SIZE_MAX / 4) return fx_remote_fail(ACL_ERROR_INVALID_PARAM, "size %zu is none of memory", size);
  aclrtContext context;
  aclError error = fx_call_aclrtGetCurrentContext(&context); /* there has to be one, though the memory is the process's */
  if (error != ACL_SUCCESS) return error;
  void *memory = fx_pinned_take(size, &error);
  if (memory != NULL) *hostPtr = memory;
  return error;
}

aclError fx_remote_aclrtFreeHost(void *hostPtr) {
  if (hostPtr == NULL) return fx_remote_no_pointer();
  fx_range range;
  if (!fx_ranges_find(&pinned, hostPtr, &range) || range.device != OURS)
    return fx_remote_fail(ACL_ERROR_RT_PARAM_INVALID, "%p is no pinned memory", hostPtr);
  aclError error = barrier(hostPtr);
  if (error == ACL_SUCCESS) fx_registered_forget(hostPtr, range.bytes);
  return error == ACL_SUCCESS ? fx_pinned_give(hostPtr) : error;
}
