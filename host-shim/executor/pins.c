/*
 * Pinned host memory of clients, mapped here, too. A client may give some up while a twin of it copies: such memory is
 * kept until no twin of the client is in a call.
 */
#include <errno.h>
#include <stdlib.h>

#include "boot/counters.h"
#include "executor/clients.h"
#include "executor/executor.h"
#include "executor/mapped.h"
#include "executor/remote.h"

FX_EXPORT int32_t fxd_pin_add(uint32_t client, const char *path, uint64_t address, uint64_t bytes) {
  fxd_client *c = fxd_client_of(client);
  if (c == NULL) return -ESRCH;
  if (bytes == 0 || address + bytes < address) return -EINVAL;
  fxd_pin *pin = calloc(1, sizeof *pin);
  if (pin == NULL) return -ENOMEM;
  pin->memory = fxd_map_file(path, c->uid, bytes, client);
  if (pin->memory == NULL) {
    int why = errno;
    free(pin);
    return -why;
  }
  pin->on_device = fxd_register(pin->memory, bytes);
  pin->address = address;
  pin->bytes = bytes;
  pthread_mutex_lock(&c->pins_lock);
  pin->next = c->pins;
  c->pins = pin;
  pthread_mutex_unlock(&c->pins_lock);
  return 0;
}

static void let_go(fxd_pin *pin) {
  while (pin != NULL) {
    fxd_pin *next = pin->next;
    fxd_unregister(pin->memory);
    fxd_unmap_file(pin->memory, pin->bytes);
    free(pin);
    pin = next;
  }
}

FX_EXPORT int32_t fxd_pin_remove(uint32_t client, uint64_t address) {
  fxd_client *c = fxd_client_of(client);
  if (c == NULL) return -ESRCH;
  pthread_mutex_lock(&c->pins_lock);
  fxd_pin **at = &c->pins;
  while (*at != NULL && (*at)->address != address) at = &(*at)->next;
  fxd_pin *pin = *at;
  if (pin != NULL) {
    *at = pin->next;
    pin->next = NULL;
    if (c->at_work > 0) {
      pin->next = c->unpinned;
      c->unpinned = pin;
    }
  }
  bool in_use = c->at_work > 0;
  pthread_mutex_unlock(&c->pins_lock);
  if (!in_use) let_go(pin);
  return pin != NULL ? 0 : -ENOENT;
}

void fxd_work_begins(fxd_client *c) {
  pthread_mutex_lock(&c->pins_lock);
  c->at_work++;
  pthread_mutex_unlock(&c->pins_lock);
}

void fxd_work_ends(fxd_client *c) {
  fxd_pin *gone = NULL;
  pthread_mutex_lock(&c->pins_lock);
  if (--c->at_work == 0) {
    gone = c->unpinned;
    c->unpinned = NULL;
  }
  pthread_mutex_unlock(&c->pins_lock);
  let_go(gone);
}

void fxd_pins_end(fxd_client *c) {
  let_go(c->unpinned);
  let_go(c->pins);
  c->unpinned = c->pins = NULL;
}

/* The pin that all of these bytes are in; NULL: none. Under the lock. */
static const fxd_pin *find(const fxd_client *c, uint64_t address, uint64_t bytes) {
  const fxd_pin *p = c->pins;
  while (p != NULL && !(address >= p->address && address - p->address <= p->bytes && bytes <= p->bytes - (address - p->address))) p = p->next;
  return p;
}

void *fxd_pinned(fxd_client *c, uint64_t address, uint64_t bytes) {
  pthread_mutex_lock(&c->pins_lock);
  const fxd_pin *p = find(c, address, bytes);
  void *memory = p != NULL ? p->memory + (address - p->address) : NULL;
  pthread_mutex_unlock(&c->pins_lock);
  return memory;
}

aclError fxd_serve_aclrtHostGetDevicePointer(fxd_call *c) {
  uint64_t address = fxd_take(c);
  fxd_client *client = c->ring->client;
  if (c->torn) return ACL_ERROR_INVALID_PARAM;
  pthread_mutex_lock(&client->pins_lock);
  const fxd_pin *p = find(client, address, 1);
  uint8_t *on_device = p != NULL && p->on_device != NULL ? p->on_device + (address - p->address) : NULL;
  pthread_mutex_unlock(&client->pins_lock);
  if (p == NULL) return ACL_ERROR_HOST_MEMORY_NOT_REGISTERED;
  if (on_device == NULL) return ACL_ERROR_RT_FEATURE_NOT_SUPPORT;
  fxd_put(c, (uint64_t)(uintptr_t)on_device);
  return ACL_SUCCESS;
}
