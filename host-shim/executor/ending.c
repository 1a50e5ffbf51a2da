/*
 * Objects that end while another thread of their client is in a call with them. AscendCL leaves that to the program; here
 * it would be the daemon that falls. A call on a twin notes what it has looked up, then looks whether that is still there;
 * a call that ends an object hides it first, then looks who has noted it. So one of the two always sees the other.
 */
#include <time.h>

#include "api.h"
#include "executor/executor.h"
#include "executor/remote.h"

bool fxd_use(fxd_call *c, void *real) {
  if (c->borrowed || real == NULL) return true; /* on the loop's thread: nothing ends meanwhile */
  for (uint32_t i = 0; i < FXD_IN_USE; i++)
    if (atomic_load(&c->ring->in_use[i]) == NULL) {
      atomic_store(&c->ring->in_use[i], real);
      return true;
    }
  return false;
}

void fxd_use_nothing(fxd_ring *r) {
  for (uint32_t i = 0; i < FXD_IN_USE; i++) atomic_store(&r->in_use[i], NULL);
}

static bool in_use(const fxd_call *c) {
  const void *real = c->left != NULL ? c->left : c->ended_real;
  for (uint32_t i = 0; i < FXD_MAX_RINGS && real != NULL; i++) {
    fxd_ring *r = &fxd_rings[i];
    if (r == c->ring || atomic_load(&r->client) != atomic_load(&c->ring->client)) continue;
    for (uint32_t k = 0; k < FXD_IN_USE; k++)
      if (atomic_load(&r->in_use[k]) == real) return true;
  }
  return false;
}

bool fxd_ending(fxd_call *c) {
  uint32_t kind = fxd_ends[c->api];
  uint64_t handle = fxd_peek(c);
  if (kind != 0 && fxd_handle_begin_end(c->ring->client, kind, handle, &c->ended_real)) c->ends = handle;
  return in_use(c);
}

/* Rare, and short: the other thread's call ends when the device has come so far. */
void fxd_ending_wait(fxd_call *c) {
  struct timespec moment = {.tv_nsec = 200000};
  while (in_use(c)) (void)nanosleep(&moment, NULL);
}

void fxd_ending_over(fxd_call *c) {
  if (c->ends != 0 && c->error != ACL_SUCCESS) fxd_handle_take_back(c->ring->client, fxd_ends[c->api], c->ends);
}
