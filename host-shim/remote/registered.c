/*
 * Host memory that the program registers: what aclrtMallocHost gave it, which the daemon maps already, or whole pages of
 * its own, which become such memory where they are. Pages that others have too (files, shared memory) stay what they are.
 */
#include <pthread.h>
#include <stdio.h>

#include "memory/ranges.h"
#include "remote/call.h"
#include "remote/error.h"
#include "remote/pinned.h"
#include "remote/streams.h"
#include "remote_client.h"

/* By whose they are, where a device stands. */
enum { MALLOC_HOST, PROGRAMS };
static fx_ranges registered = FX_RANGES_INIT;

/* What a thread stands on it writes all the time, in the midst of being registered, too. */
static bool is_my_stack(uintptr_t from, uintptr_t to) {
  pthread_attr_t attributes;
  void *stack = NULL;
  size_t bytes = 0;
  if (pthread_getattr_np(pthread_self(), &attributes) != 0) return true;
  bool unknown = pthread_attr_getstack(&attributes, &stack, &bytes) != 0;
  (void)pthread_attr_destroy(&attributes);
  return unknown || (from < (uintptr_t)stack + bytes && to > (uintptr_t)stack);
}

/* Whether all of it is private memory that can be written. */
static bool is_own(uintptr_t from, uintptr_t to) {
  FILE *maps = fopen("/proc/self/maps", "re");
  char line[512], rights[5];
  unsigned long start, end;
  while (maps != NULL && from < to && fgets(line, sizeof line, maps) != NULL) {
    if (sscanf(line, "%lx-%lx %4s", &start, &end, rights) != 3 || end <= from) continue;
    if (start > from || rights[0] != 'r' || rights[1] != 'w' || rights[3] != 'p') break;
    from = end;
  }
  if (maps != NULL) (void)fclose(maps);
  return from >= to;
}

static aclError begin(void *ptr, uint64_t size) {
  if (ptr == NULL) return fx_remote_no_pointer();
  if (size == 0 || size > SIZE_MAX / 4) return fx_remote_fail(ACL_ERROR_INVALID_PARAM, "size %llu is none of memory", (unsigned long long)size);
  aclError error = fx_context_check();
  if (error != ACL_SUCCESS) return error;
  if ((uintptr_t)ptr % FX_PINNED_PAGE_BYTES != 0) return fx_remote_fail(ACL_ERROR_RT_PARAM_INVALID, "%p is not where a page of 4 KB begins", ptr);
  if (fx_ranges_touch(&registered, ptr, size)) return fx_remote_fail(ACL_ERROR_RT_PARAM_INVALID, "%p or what follows is registered already", ptr);
  bool ours = fx_pinned_holds(ptr, size);
  if (!ours && size % FX_PINNED_PAGE_BYTES != 0)
    return fx_remote_fail(ACL_ERROR_RT_FEATURE_NOT_SUPPORT, "%p: under a FlexNPU daemon whole pages can be registered", ptr);
  if (!ours && is_my_stack((uintptr_t)ptr, (uintptr_t)ptr + size))
    return fx_remote_fail(ACL_ERROR_RT_FEATURE_NOT_SUPPORT, "%p: the stack cannot be registered under a FlexNPU daemon", ptr);
  if (!ours && !is_own((uintptr_t)ptr, (uintptr_t)ptr + size))
    return fx_remote_fail(ACL_ERROR_RT_FEATURE_NOT_SUPPORT, "%p: memory of others cannot be registered under a FlexNPU daemon", ptr);
  if (!ours && (error = fx_pinned_adopt(ptr, size)) != ACL_SUCCESS) return error;
  if (fx_ranges_add(&registered, ptr, size, ours ? MALLOC_HOST : PROGRAMS)) return ACL_SUCCESS;
  if (!ours) (void)fx_pinned_leave(ptr);
  return fx_remote_fail(ACL_ERROR_BAD_ALLOC, "no host memory to remember registered memory");
}

static aclError on_device(void *host, void **device) {
  fx_call c;
  aclError error = fx_call_open(&c, FX_API_aclrtHostGetDevicePointer, 8);
  if (error != ACL_SUCCESS) return error;
  fx_call_put(&c, (uint64_t)(uintptr_t)host);
  if ((error = fx_call_answer(&c, FLEXNPU_NONE, FLEXNPU_NONE)) != ACL_SUCCESS) return error;
  *device = (void *)(uintptr_t)fx_call_take(&c);
  return fx_call_close(&c);
}

aclError fx_remote_aclrtHostRegister(void *ptr, uint64_t size, aclrtHostRegisterType type, void **devPtr) {
  if (devPtr == NULL) return fx_remote_no_pointer();
  if (type != ACL_HOST_REGISTER_MAPPED) return fx_remote_fail(ACL_ERROR_RT_FEATURE_NOT_SUPPORT, "register type %d does not go through a daemon", (int)type);
  aclError error = begin(ptr, size);
  if (error != ACL_SUCCESS) return error;
  if ((error = on_device(ptr, devPtr)) != ACL_SUCCESS) (void)fx_remote_aclrtHostUnregister(ptr);
  return error;
}

aclError fx_remote_aclrtHostRegisterV2(void *ptr, uint64_t size, uint32_t flag) {
  const uint32_t known = ACL_HOST_REG_MAPPED | ACL_HOST_REG_PINNED | ACL_HOST_REG_READONLY | ACL_HOST_REG_IOMEMORY;
  if (flag == 0 || (flag & ~known) != 0) return fx_remote_fail(ACL_ERROR_RT_PARAM_INVALID, "register flags 0x%x are not known", flag);
  if ((flag & ACL_HOST_REG_IOMEMORY) != 0) return fx_remote_fail(ACL_ERROR_RT_FEATURE_NOT_SUPPORT, "memory of other devices does not go through a daemon");
  return begin(ptr, size);
}

aclError fx_remote_aclrtHostGetDevicePointer(void *pHost, void **pDevice, uint32_t flag) {
  fx_range found;
  if (pHost == NULL || pDevice == NULL) return fx_remote_no_pointer();
  if (flag != 0) return fx_remote_fail(ACL_ERROR_RT_PARAM_INVALID, "flag %u: expected 0", flag);
  if (!fx_ranges_find(&registered, pHost, &found)) return fx_remote_fail(ACL_ERROR_HOST_MEMORY_NOT_REGISTERED, "%p was not registered", pHost);
  return on_device(pHost, pDevice);
}

aclError fx_remote_aclrtHostUnregister(void *ptr) {
  fx_range range;
  if (ptr == NULL) return fx_remote_no_pointer();
  if (!fx_ranges_take(&registered, ptr, &range)) return fx_remote_fail(ACL_ERROR_RT_PARAM_INVALID, "%p was not registered", ptr);
  return range.device == PROGRAMS ? fx_pinned_leave(ptr) : ACL_SUCCESS;
}

void fx_registered_forget(const void *address, size_t bytes) { fx_ranges_clear(&registered, address, bytes); }
