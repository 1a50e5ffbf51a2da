/*
 * Kernel binaries on devices. What runs is the shared object in the host's memory; a device has an image of its code and
 * its constants, made when a program asks where they are. Nothing runs from there, but it can be read.
 */
#include "binary_image.h"

#include <dlfcn.h>
#include <string.h>

#include "engine.h"

typedef struct {
  uintptr_t base;
  sim_placed placed;
} search;

static int look(struct dl_phdr_info *info, size_t bytes, void *with) {
  (void)bytes;
  search *s = with;
  if (info->dlpi_addr != s->base) return 0;
  s->placed = (sim_placed){info->dlpi_addr, info->dlpi_phdr, info->dlpi_phnum};
  return 1;
}

sim_placed sim_binary_placed(const sim_binary *binary) {
  const struct link_map *map = NULL;
  search s = {0};
  if (dlinfo(binary->library, RTLD_DI_LINKMAP, &map) == 0) {
    s.base = map->l_addr;
    dl_iterate_phdr(look, &s);
  }
  return s.placed;
}

/* From the base to the end of the last segment. */
static size_t image_bytes(const sim_placed *placed) {
  size_t bytes = 0;
  for (size_t i = 0; i < placed->count; i++) {
    const ElfW(Phdr) *h = &placed->headers[i];
    if (h->p_type == PT_LOAD && h->p_vaddr + h->p_memsz > bytes) bytes = h->p_vaddr + h->p_memsz;
  }
  return bytes;
}

/* Without variables: those are where kernels see them (aclrtBinaryGetGlobal). */
static void copy_image(char *image, const sim_placed *placed) {
  for (size_t i = 0; i < placed->count; i++) {
    const ElfW(Phdr) *h = &placed->headers[i];
    if (h->p_type == PT_LOAD && (h->p_flags & (PF_R | PF_W)) == PF_R) memcpy(image + h->p_vaddr, (const char *)placed->base + h->p_vaddr, h->p_filesz);
  }
}

/* The image on the current context's device, made now where there is none. Lock held. */
static aclError image_of(sim_binary *binary, bool make, char **image, sim_placed *placed) {
  const sim_context *context = sim_current();
  if (context == NULL) return ACL_ERROR_RT_CONTEXT_NULL;
  void **place = &binary->images[context->device->index];
  *placed = sim_binary_placed(binary);
  if (*place == NULL && make) {
    size_t bytes = image_bytes(placed);
    aclError error = sim_aclrtMalloc(place, bytes, ACL_MEM_MALLOC_HUGE_FIRST);
    if (error != ACL_SUCCESS) return error;
    memset(*place, 0, bytes);
    copy_image(*place, placed);
  }
  *image = *place;
  return ACL_SUCCESS;
}

void sim_binary_image_end(sim_binary *binary) {
  for (uint32_t i = 0; i < SIM_MAX_DEVICES; i++) {
    if (binary->images[i] != NULL) (void)sim_aclrtFree(binary->images[i]);
    binary->images[i] = NULL;
  }
}

void sim_binary_images_forget(const sim_device *device) {
  for (uint32_t i = 0; i < sim_binaries.touched; i++) {
    sim_binary *binary = sim_slab_at(&sim_binaries, i);
    if (binary->slot.live) binary->images[device->index] = NULL;
  }
}

/* One that is loaded lazily has no place before something of it is needed. */
aclError sim_aclrtBinaryGetDevAddress(const aclrtBinHandle handle, void **address, size_t *size) {
  sim_engine_lock();
  aclError error;
  sim_binary *binary = sim_binary_of(handle, &error);
  char *image = NULL;
  sim_placed placed = {0};
  if (binary != NULL) error = image_of(binary, !binary->lazy, &image, &placed);
  if (error == ACL_SUCCESS) {
    *address = image;
    *size = image_bytes(&placed);
  }
  sim_engine_unlock();
  return error;
}

/* Kernels of a simulator are of both kinds of cores (aclrtGetFunctionAttribute), with the same code. */
aclError sim_aclrtGetFunctionAddr(aclrtFuncHandle handle, void **cube, void **vector) {
  const sim_function *function = sim_function_of(handle);
  if (function == NULL) return ACL_ERROR_RT_INVALID_HANDLE;
  sim_engine_lock();
  char *image = NULL;
  sim_placed placed = {0};
  aclError error = image_of(function->binary, true, &image, &placed);
  *cube = *vector = error == ACL_SUCCESS ? image + ((uintptr_t)function->compute - placed.base) : NULL;
  sim_engine_unlock();
  return error;
}

aclError sim_aclrtGetFunctionSize(aclrtFuncHandle handle, size_t *cube, size_t *vector) {
  const sim_function *function = sim_function_of(handle);
  if (function == NULL) return ACL_ERROR_RT_INVALID_HANDLE;
  Dl_info info;
  const ElfW(Sym) *symbol = NULL;
  void *code = NULL;
  memcpy(&code, &function->compute, sizeof code);
  bool known = dladdr1(code, &info, (void **)&symbol, RTLD_DL_SYMENT) != 0 && symbol != NULL;
  *cube = *vector = known ? symbol->st_size : 0;
  return ACL_SUCCESS;
}
