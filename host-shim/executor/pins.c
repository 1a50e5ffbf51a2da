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
  fxd_register(pin->memory, bytes);
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

void *fxd_pinned(fxd_client *c, uint64_t address, uint64_t bytes) {
  void *memory = NULL;
  pthread_mutex_lock(&c->pins_lock);
  for (const fxd_pin *p = c->pins; p != NULL && memory == NULL; p = p->next)
    if (address >= p->address && address - p->address <= p->bytes && bytes <= p->bytes - (address - p->address))
      memory = p->memory + (address - p->address);
  pthread_mutex_unlock(&c->pins_lock);
  return memory;
}
