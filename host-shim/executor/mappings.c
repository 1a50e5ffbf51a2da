/*
 * Ranges of addresses that clients reserve themselves, and what they map there. All of it is in the daemon's one address
 * space: a client touches its own ranges only, and they go with it.
 */
#include "executor/mappings.h"

#include <stdlib.h>
#include <string.h>

#include "executor/serve.h"
#include "executor/shared_objects.h"
#include "real_table.h"

/* A reserved range, a mapping in one, or physical memory by its real handle. */
struct fxd_mapping {
  struct fxd_mapping *next;
  uint8_t *address;
  uint64_t bytes; /* of physical memory: that count for the client, 0 for another's */
  fxd_mapping *of; /* of a mapping: the physical memory */
  uint32_t uses;   /* of physical memory: how often the client has to free it */
  uint32_t retained; /* of these, the real library has to free it as often, and no handle ends */
  uint32_t maps;   /* mappings of it: the memory lives as long as a use or one of these is left */
};

static fxd_mapping *keep(fxd_mapping **list, void *address, uint64_t bytes) {
  fxd_mapping *m = malloc(sizeof *m);
  if (m == NULL) return NULL;
  *m = (fxd_mapping){.next = *list, .address = address, .bytes = bytes, .uses = 1};
  *list = m;
  return m;
}

static fxd_mapping **find(fxd_mapping **list, const void *address) {
  while (*list != NULL && (*list)->address != address) list = &(*list)->next;
  return list;
}

static void forget(fxd_mapping **at) {
  fxd_mapping *m = *at;
  *at = m->next;
  free(m);
}

aclError fxd_serve_aclrtReserveMemAddress(fxd_call *c) {
  bool wanted = fxd_take(c) != 0;
  uint64_t bytes = fxd_take(c), alignment = fxd_take(c);
  void *expected = (void *)(uintptr_t)fxd_take(c);
  uint64_t flags = fxd_take(c);
  void *address = NULL;
  if (c->torn || !wanted) return ACL_ERROR_INVALID_PARAM;
  aclError error = fx_real.aclrtReserveMemAddress(&address, bytes, alignment, expected, flags);
  if (error != ACL_SUCCESS) return error;
  fxd_client *client = c->ring->client;
  bool known = keep(&client->reserved, address, bytes) != NULL;
  if (known && !fx_ranges_add(&client->held, address, bytes, 0)) {
    forget(&client->reserved);
    known = false;
  }
  if (!known) {
    (void)fx_real.aclrtReleaseMemAddress(address);
    return ACL_ERROR_RT_MEMORY_ALLOCATION;
  }
  fxd_put(c, (uint64_t)(uintptr_t)address);
  return ACL_SUCCESS;
}

aclError fxd_serve_aclrtReleaseMemAddress(fxd_call *c) {
  fxd_mapping **at = find(&c->ring->client->reserved, (const void *)(uintptr_t)fxd_take(c));
  if (c->torn || *at == NULL) return ACL_ERROR_RT_PARAM_INVALID;
  aclError error = fx_real.aclrtReleaseMemAddress((*at)->address);
  if (error != ACL_SUCCESS) return error;
  fx_range taken;
  (void)fx_ranges_take(&c->ring->client->held, (*at)->address, &taken);
  forget(at);
  return ACL_SUCCESS;
}

aclError fxd_serve_aclrtMapMem(fxd_call *c) {
  uint8_t *address = (uint8_t *)(uintptr_t)fxd_take(c);
  uint64_t bytes = fxd_take(c), offset = fxd_take(c);
  aclrtDrvMemHandle physical;
  aclError error = fxd_take_handle(c, FLEXNPU_HANDLE_PHYS_MEM, &physical);
  uint64_t flags = fxd_take(c);
  fxd_client *client = c->ring->client;
  if (c->torn || error != ACL_SUCCESS) return error != ACL_SUCCESS ? error : ACL_ERROR_INVALID_PARAM;
  const fxd_mapping *in = client->reserved;
  while (in != NULL && !(address >= in->address && (uint64_t)(address - in->address) < in->bytes)) in = in->next;
  if (in == NULL || bytes > in->bytes - (uint64_t)(address - in->address)) return ACL_ERROR_RT_PARAM_INVALID;
  fxd_mapping *of = *find(&client->physical, physical);
  if (of == NULL) return ACL_ERROR_RT_PARAM_INVALID;
  if ((error = fx_real.aclrtMapMem(address, bytes, offset, physical, flags)) != ACL_SUCCESS) return error;
  fxd_mapping *made = keep(&client->mapped, address, bytes);
  if (made != NULL) {
    made->of = of;
    of->maps++;
    return ACL_SUCCESS;
  }
  (void)fx_real.aclrtUnmapMem(address);
  return ACL_ERROR_RT_MEMORY_ALLOCATION;
}

/* The bytes that count for the client no more, once nothing is left of the memory. */
static uint64_t let_go(fxd_client *client, fxd_mapping *physical) {
  if (physical->uses > 0 || physical->maps > 0) return 0;
  uint64_t bytes = physical->bytes;
  forget(find(&client->physical, physical->address));
  return bytes;
}

aclError fxd_serve_aclrtUnmapMem(fxd_call *c) {
  fxd_mapping **at = find(&c->ring->client->mapped, (const void *)(uintptr_t)fxd_take(c));
  if (c->torn || *at == NULL) return ACL_ERROR_RT_PARAM_INVALID;
  aclError error = fx_real.aclrtUnmapMem((*at)->address);
  if (error != ACL_SUCCESS) return error;
  fxd_mapping *of = (*at)->of;
  forget(at);
  of->maps--;
  c->value = let_go(c->ring->client, of);
  return ACL_SUCCESS;
}

bool fxd_physical_keep(fxd_client *c, aclrtDrvMemHandle physical, uint64_t bytes) {
  fxd_mapping *known = *find(&c->physical, physical);
  if (known != NULL) known->uses++;
  return known != NULL || keep(&c->physical, physical, bytes) != NULL;
}

void fxd_physical_forget(fxd_client *c, aclrtDrvMemHandle physical) {
  fxd_mapping *known = *find(&c->physical, physical);
  if (known == NULL) return;
  known->uses--;
  (void)let_go(c, known);
}

aclError fxd_serve_aclrtMallocPhysical(fxd_call *c) {
  bool wanted = fxd_take(c) != 0;
  uint64_t bytes = fxd_take(c);
  size_t prop_bytes;
  const aclrtPhysicalMemProp *prop = fxd_take_bytes(c, &prop_bytes);
  uint64_t flags = fxd_take(c);
  aclrtPhysicalMemProp own;
  aclrtDrvMemHandle physical = NULL;
  if (c->torn || !wanted || prop_bytes != sizeof own) return ACL_ERROR_INVALID_PARAM;
  memcpy(&own, prop, sizeof own);
  /* The client's device 0 is the daemon's. */
  if (own.location.type == ACL_MEM_LOCATION_TYPE_DEVICE) {
    if (own.location.id != 0) return ACL_ERROR_RT_INVALID_DEVICEID;
    own.location.id = (uint32_t)fxd_device;
  }
  aclError error = fx_real.aclrtMallocPhysical(&physical, bytes, &own, flags);
  if (error != ACL_SUCCESS) return error;
  if (!fxd_physical_keep(c->ring->client, physical, bytes)) {
    (void)fx_real.aclrtFreePhysical(physical);
    return ACL_ERROR_RT_MEMORY_ALLOCATION;
  }
  return fxd_put_handle(c, FLEXNPU_HANDLE_PHYS_MEM, physical);
}

aclError fxd_serve_aclrtFreePhysical(fxd_call *c) {
  const uint8_t *at = c->at;
  uint64_t handle = fxd_take(c);
  fxd_client *client = c->ring->client;
  aclrtDrvMemHandle physical;
  c->at = (uint8_t *)(uintptr_t)at;
  aclError error = fxd_take_handle(c, FLEXNPU_HANDLE_PHYS_MEM, &physical);
  if (error != ACL_SUCCESS) return error;
  fxd_mapping *held = *find(&client->physical, physical);
  if (held == NULL || held->uses == 0) return ACL_ERROR_RT_PARAM_INVALID;
  if (held->retained > 0) {
    if ((error = fx_real.aclrtFreePhysical(physical)) != ACL_SUCCESS) return error;
    held->retained--;
    held->uses--;
    if (c->ends != 0) fxd_handle_take_back(client, FLEXNPU_HANDLE_PHYS_MEM, c->ends);
    c->ends = 0;
    return ACL_SUCCESS;
  }
  if (fxd_shared_release(physical) && (error = fx_real.aclrtFreePhysical(physical)) != ACL_SUCCESS) return error;
  fxd_handle_end(FLEXNPU_HANDLE_PHYS_MEM, handle);
  held->uses--;
  c->value = let_go(client, held);
  return ACL_SUCCESS;
}

/* One more of the handle that the client has, or a new one where it has freed it and only mapped it. */
aclError fxd_serve_aclrtMemRetainAllocationHandle(fxd_call *c) {
  void *address = (void *)(uintptr_t)fxd_take(c);
  bool wanted = fxd_take(c) != 0;
  fxd_client *client = c->ring->client;
  const fxd_mapping *mapping = *find(&client->mapped, address);
  aclrtDrvMemHandle physical = NULL;
  if (c->torn || !wanted) return ACL_ERROR_INVALID_PARAM;
  if (mapping == NULL) return ACL_ERROR_RT_PARAM_INVALID;
  aclError error = fx_real.aclrtMemRetainAllocationHandle(address, &physical);
  if (error != ACL_SUCCESS) return error;
  fxd_mapping *of = mapping->of;
  uint64_t known = of->uses > 0 ? fxd_handle_find(FLEXNPU_HANDLE_PHYS_MEM, of->address, client->number) : 0;
  if (known != 0) fxd_put(c, known);
  else error = fxd_put_handle(c, FLEXNPU_HANDLE_PHYS_MEM, of->address);
  if (error != ACL_SUCCESS) {
    (void)fx_real.aclrtFreePhysical(physical);
    return error;
  }
  of->uses++;
  if (known != 0) of->retained++;
  return ACL_SUCCESS;
}

/* Its device is the one that a client sees. */
aclError fxd_serve_aclrtMemGetAllocationPropertiesFromHandle(fxd_call *c) {
  aclrtDrvMemHandle physical;
  aclrtPhysicalMemProp prop;
  aclError error = fxd_take_handle(c, FLEXNPU_HANDLE_PHYS_MEM, &physical);
  uint64_t room = fxd_take(c);
  if (error != ACL_SUCCESS) return error;
  if (c->torn || room != sizeof prop) return ACL_ERROR_INVALID_PARAM;
  memset(&prop, 0, sizeof prop);
  if ((error = fx_real.aclrtMemGetAllocationPropertiesFromHandle(physical, &prop)) != ACL_SUCCESS) return error;
  if (prop.location.type == ACL_MEM_LOCATION_TYPE_DEVICE) prop.location.id = 0;
  fxd_put_bytes(c, &prop, sizeof prop);
  return ACL_SUCCESS;
}

/* The one device that a client sees. */
static aclError device_of(aclrtMemLocation *location) {
  if (location->type != ACL_MEM_LOCATION_TYPE_DEVICE) return ACL_ERROR_RT_PARAM_INVALID;
  if (location->id != 0) return ACL_ERROR_RT_INVALID_DEVICEID;
  location->id = (uint32_t)fxd_device;
  return ACL_SUCCESS;
}

aclError fxd_serve_aclrtMemSetAccess(fxd_call *c) {
  void *address = (void *)(uintptr_t)fxd_take(c);
  uint64_t bytes = fxd_take(c);
  size_t taken;
  const void *words = fxd_take_bytes(c, &taken);
  aclrtMemAccessDesc wanted;
  if (c->torn || taken != sizeof wanted) return ACL_ERROR_INVALID_PARAM;
  memcpy(&wanted, words, sizeof wanted);
  const fxd_mapping *mapping = *find(&c->ring->client->mapped, address);
  if (mapping == NULL || mapping->bytes != bytes) return ACL_ERROR_RT_PARAM_INVALID;
  aclError error = device_of(&wanted.location);
  return error == ACL_SUCCESS ? fx_real.aclrtMemSetAccess(address, bytes, &wanted, 1) : error;
}

aclError fxd_serve_aclrtMemGetAccess(fxd_call *c) {
  void *address = (void *)(uintptr_t)fxd_take(c);
  size_t taken;
  const void *words = fxd_take_bytes(c, &taken);
  bool wanted = fxd_take(c) != 0;
  aclrtMemLocation location;
  uint64_t flag = 0;
  if (c->torn || taken != sizeof location) return ACL_ERROR_INVALID_PARAM;
  memcpy(&location, words, sizeof location);
  aclError error = device_of(&location);
  if (error != ACL_SUCCESS) return error;
  const fxd_mapping *in = c->ring->client->mapped;
  while (in != NULL && !((uint8_t *)address >= in->address && (uint64_t)((uint8_t *)address - in->address) < in->bytes)) in = in->next;
  if (in == NULL) return ACL_ERROR_RT_PARAM_INVALID;
  error = fx_real.aclrtMemGetAccess(address, &location, &flag);
  if (error == ACL_SUCCESS && wanted) fxd_put(c, flag);
  return error;
}

void fxd_mappings_end(fxd_client *c) {
  while (c->mapped != NULL) {
    (void)fx_real.aclrtUnmapMem(c->mapped->address);
    forget(&c->mapped);
  }
  while (c->reserved != NULL) {
    (void)fx_real.aclrtReleaseMemAddress(c->reserved->address);
    forget(&c->reserved);
  }
  while (c->physical != NULL) { /* freed by its handle, once */
    for (uint32_t i = 0; i < c->physical->retained; i++) (void)fx_real.aclrtFreePhysical(c->physical->address);
    forget(&c->physical);
  }
}
