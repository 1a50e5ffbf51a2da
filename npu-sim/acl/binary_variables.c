/*
 * Variables of kernel binaries. A variable is where the shared object has it, one for all devices, and from the first
 * question on it is device memory as far as copies and kernels go.
 */
#include <dlfcn.h>
#include <string.h>

#include "binary_image.h"
#include "engine.h"
#include "ranges.h"

/* What the interface of kernel binaries itself defines: no variables of kernels. */
#define INTERFACE "npu_sim_kernel_"

/* With the memory lock. A range keeps its binary, and the device that was current when it was first asked for. */
static sim_ranges variables;

bool sim_variable_at(uintptr_t address, sim_allocation *found) {
  const sim_range *range = variables.count > 0 ? sim_ranges_find(&variables, address) : NULL;
  if (range == NULL) return false;
  *found = (sim_allocation){.base = (void *)range->address, .bytes = range->bytes, .device = range->owner, .page_bytes = SIM_SMALL_PAGE_BYTES};
  return true;
}

void sim_binary_variables_end(const sim_binary *binary) {
  sim_memory_lock();
  for (size_t i = variables.count; i > 0; i--) {
    if (variables.items[i - 1].accounted == (uintptr_t)binary) sim_ranges_remove(&variables, &variables.items[i - 1]);
  }
  sim_memory_unlock();
}

static bool keep(const sim_binary *binary, const sim_device *device, uintptr_t address, size_t bytes) {
  sim_memory_lock();
  bool kept = sim_ranges_find(&variables, address) != NULL || sim_ranges_add(&variables, (sim_range){address, bytes, (uintptr_t)binary, device->index});
  sim_memory_unlock();
  return kept;
}

/* Whether the loader lets it be written: constants are no variables. */
static bool can_change(const sim_placed *placed, uintptr_t address) {
  bool writable = false;
  for (size_t i = 0; i < placed->count; i++) {
    const ElfW(Phdr) *h = &placed->headers[i];
    if (address - (placed->base + h->p_vaddr) >= h->p_memsz) continue;
    if (h->p_type == PT_GNU_RELRO) return false;
    if (h->p_type == PT_LOAD && (h->p_flags & PF_W) != 0) writable = true;
  }
  return writable;
}

/* Its address; 0 where the binary has no such variable. */
static uintptr_t find(const sim_binary *binary, const char *name, size_t *bytes) {
  void *address = strncmp(name, INTERFACE, sizeof INTERFACE - 1) != 0 ? dlsym(binary->library, name) : NULL;
  Dl_info info;
  const ElfW(Sym) *symbol = NULL;
  if (address == NULL || dladdr1(address, &info, (void **)&symbol, RTLD_DL_SYMENT) == 0 || symbol == NULL) return 0;
  sim_placed placed = sim_binary_placed(binary);
  if (ELF64_ST_TYPE(symbol->st_info) != STT_OBJECT || !can_change(&placed, (uintptr_t)address)) return 0;
  *bytes = symbol->st_size;
  return *bytes > 0 ? (uintptr_t)address : 0;
}

aclError sim_aclrtBinaryGetGlobal(aclrtBinHandle handle, const char *name, void **place, size_t *size) {
  if (place == NULL && size == NULL) return sim_fail(ACL_ERROR_INVALID_PARAM, "neither the address nor the size is asked for");
  const sim_context *context = sim_current();
  if (context == NULL) return ACL_ERROR_RT_CONTEXT_NULL;
  sim_engine_lock();
  aclError error;
  const sim_binary *binary = sim_binary_of(handle, &error);
  size_t bytes = 0;
  uintptr_t address = binary != NULL ? find(binary, name, &bytes) : 0;
  if (binary != NULL && address == 0) error = sim_fail(ACL_ERROR_RT_SYMBOL_NOT_FOUND, "the kernel binary has no variable %.100s", name);
  else if (binary != NULL && !keep(binary, context->device, address, bytes)) error = sim_fail(ACL_ERROR_RT_MEMORY_ALLOCATION, "no host memory for another variable");
  sim_engine_unlock();
  if (error == ACL_SUCCESS && place != NULL) *place = (void *)address;
  if (error == ACL_SUCCESS && size != NULL) *size = bytes;
  return error;
}
