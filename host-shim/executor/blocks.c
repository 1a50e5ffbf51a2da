/* Device memory of clients; see executor/blocks.h. On the loop's thread, but for fxd_blocks_end. */
#include "executor/blocks.h"

#include <stdlib.h>
#include <string.h>

#include "boot/counters.h"
#include "executor/clients.h"
#include "real_table.h"

/* Small blocks are multiples of this, and aligned to it: more than AscendCL promises (64 bytes, aclrtMalloc). */
#define UNIT_BYTES 512u
/* aclrtMalloc adds 32 bytes to what is asked for, so that programs may align in it (acl_rt.h). */
#define SLACK_BYTES 32u
#define MOST_UNITS 65536u

/* A mapped range, for one large block or for many small ones. */
struct fxd_range {
  struct fxd_range *next; /* of the client's for small blocks */
  fxd_range **list;       /* that it is in; NULL where its client has gone before its last block */
  uint8_t *address;
  uint64_t bytes;
  aclrtDrvMemHandle physical;
  uint32_t blocks; /* in it */
  uint8_t used[];  /* by unit, where it is shared */
};

/* Blocks that other clients import may end on the threads that take leave of either. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static const aclrtPhysicalMemProp *prop(void) {
  static aclrtPhysicalMemProp p;
  p = (aclrtPhysicalMemProp){.handleType = ACL_MEM_HANDLE_TYPE_NONE,
                             .allocationType = ACL_MEM_ALLOCATION_TYPE_PINNED,
                             .memAttr = ACL_HBM_MEM_HUGE,
                             .location = {.id = (uint32_t)fxd_device, .type = ACL_MEM_LOCATION_TYPE_DEVICE}};
  return &p;
}

/* What the library maps at once, bytes; 0 where it maps nothing. */
static uint64_t granularity(void) {
  static bool asked;
  static size_t bytes;
  if (asked) return bytes;
  asked = true;
  aclrtPhysicalMemProp p = *prop();
  aclError error = fx_real.aclrtMemGetAllocationGranularity(&p, ACL_RT_MEM_ALLOC_GRANULARITY_MINIMUM, &bytes);
  if (error == ACL_SUCCESS && bytes >= UNIT_BYTES && bytes % UNIT_BYTES == 0 && bytes / UNIT_BYTES <= MOST_UNITS) return bytes;
  fx_fault("device memory of clients is not in reserved ranges: granularity %zu (error %d)", bytes, error);
  bytes = 0;
  return 0;
}

static aclError map(fxd_range *r) {
  void *address = NULL;
  aclError error = fx_real.aclrtReserveMemAddress(&address, r->bytes, 0, NULL, 0);
  if (error != ACL_SUCCESS) return error;
  r->address = address;
  if ((error = fx_real.aclrtMallocPhysical(&r->physical, r->bytes, prop(), 0)) == ACL_SUCCESS) {
    if ((error = fx_real.aclrtMapMem(address, r->bytes, 0, r->physical, 0)) == ACL_SUCCESS) return ACL_SUCCESS;
    (void)fx_real.aclrtFreePhysical(r->physical);
  }
  (void)fx_real.aclrtReleaseMemAddress(address);
  return error;
}

static aclError range_make(uint64_t bytes, uint32_t units, fxd_range **made) {
  fxd_range *r = calloc(1, sizeof *r + units);
  if (r == NULL) return ACL_ERROR_RT_MEMORY_ALLOCATION;
  r->bytes = bytes;
  aclError error = map(r);
  if (error == ACL_SUCCESS) *made = r;
  else free(r);
  return error;
}

static void range_end(fxd_range *r) {
  (void)fx_real.aclrtUnmapMem(r->address);
  (void)fx_real.aclrtFreePhysical(r->physical);
  (void)fx_real.aclrtReleaseMemAddress(r->address);
  free(r);
}

/* The first run of so many free units; their count where there is none. */
static uint32_t place(const fxd_range *r, uint32_t all, uint32_t units) {
  for (uint32_t at = 0, run = 0; at < all; at++) {
    run = r->used[at] != 0 ? 0 : run + 1;
    if (run == units) return at + 1 - units;
  }
  return all;
}

static aclError make_small(fxd_client *c, fxd_block *b, uint64_t bytes) {
  uint32_t units = (uint32_t)((bytes + UNIT_BYTES - 1) / UNIT_BYTES), all = (uint32_t)(granularity() / UNIT_BYTES), at = all;
  pthread_mutex_lock(&lock);
  fxd_range *r = c->shared;
  while (r != NULL && (at = place(r, all, units)) == all) r = r->next;
  if (r == NULL) {
    aclError error = range_make(granularity(), all, &r);
    if (error != ACL_SUCCESS) {
      pthread_mutex_unlock(&lock);
      return error;
    }
    at = 0;
    r->next = c->shared;
    r->list = &c->shared;
    c->shared = r;
  }
  memset(r->used + at, 1, units);
  r->blocks++;
  pthread_mutex_unlock(&lock);
  b->range = r;
  b->units = units;
  b->address = r->address + (uint64_t)at * UNIT_BYTES;
  return ACL_SUCCESS;
}

static aclError make_range(fxd_client *c, fxd_block *b) {
  uint64_t whole = granularity(), bytes = b->bytes + SLACK_BYTES;
  if (whole == 0 || b->bytes == 0 || bytes < b->bytes) return ACL_ERROR_RT_FEATURE_NOT_SUPPORT;
  if (bytes <= whole / 2) return make_small(c, b, bytes);
  /* The slack alone is not worth another page. */
  uint64_t rounded = (b->bytes + whole - 1) / whole * whole;
  if (rounded < b->bytes) return ACL_ERROR_RT_DEVICE_OOM;
  aclError error = range_make(rounded, 0, &b->range);
  if (error == ACL_SUCCESS) b->address = b->range->address;
  return error;
}

static aclError make(fxd_client *c, fxd_block *b, aclrtMemMallocPolicy policy) {
  bool own = policy == ACL_MEM_MALLOC_HUGE_FIRST || policy == ACL_MEM_MALLOC_HUGE_ONLY || policy == ACL_MEM_MALLOC_NORMAL_ONLY;
  if (own && make_range(c, b) == ACL_SUCCESS) return ACL_SUCCESS;
  return fx_real.aclrtMalloc(&b->address, b->bytes, policy); /* where it fails, the error is that of this call */
}

/* Under the lock. */
static void leave_range(fxd_block *b) {
  fxd_range *r = b->range;
  memset(r->used + ((uint8_t *)b->address - r->address) / UNIT_BYTES, 0, b->units);
  if (--r->blocks > 0) return;
  fxd_range **at = r->list;
  while (at != NULL && *at != r) at = &(*at)->next;
  if (at != NULL) *at = r->next;
  range_end(r);
}

void fxd_block_use(fxd_block *b) {
  pthread_mutex_lock(&lock);
  b->uses++;
  pthread_mutex_unlock(&lock);
}

void fxd_block_release(fxd_block *b) {
  pthread_mutex_lock(&lock);
  bool last = --b->uses == 0;
  if (last) {
    if (b->range == NULL) (void)fx_real.aclrtFree(b->address);
    else if (b->units > 0) leave_range(b);
    else range_end(b->range);
  }
  pthread_mutex_unlock(&lock);
  if (last) free(b);
}

aclError fxd_block_make(fxd_client *c, uint64_t bytes, aclrtMemMallocPolicy policy, void **address) {
  fxd_block *b = calloc(1, sizeof *b);
  if (b == NULL) return ACL_ERROR_RT_MEMORY_ALLOCATION;
  b->bytes = bytes;
  b->uses = 1;
  aclError error = make(c, b, policy);
  if (error != ACL_SUCCESS) {
    free(b);
    return error;
  }
  b->next = c->blocks;
  c->blocks = b;
  if (!fx_ranges_add(&c->held, b->address, b->bytes, 0)) {
    c->blocks = b->next;
    fxd_block_release(b);
    return ACL_ERROR_RT_MEMORY_ALLOCATION;
  }
  *address = b->address;
  return ACL_SUCCESS;
}

bool fxd_holds(fxd_client *c, const void *address, uint64_t bytes) {
  return bytes == 0 || fx_ranges_hold(&c->held, address, bytes);
}

uint64_t fxd_block_take(fxd_client *c, const void *address) {
  fxd_block **at = &c->blocks, **last = &c->freed;
  while (*at != NULL && (*at)->address != address) at = &(*at)->next;
  fxd_block *b = *at;
  if (b == NULL) return 0;
  *at = b->next;
  b->next = NULL;
  fx_range taken;
  (void)fx_ranges_take(&c->held, address, &taken);
  while (*last != NULL) last = &(*last)->next;
  *last = b;
  return b->bytes;
}

FX_EXPORT void fxd_blocks_freed(uint32_t client) {
  fxd_client *c = fxd_client_of(client);
  if (c == NULL || c->freed == NULL) return;
  fxd_block *b = c->freed;
  fxd_enter_own(); /* the client's contexts may be gone */
  c->freed = b->next;
  fxd_block_release(b);
}

static void release_all(fxd_block **list) {
  while (*list != NULL) {
    fxd_block *b = *list;
    *list = b->next;
    fxd_block_release(b);
  }
}

void fxd_blocks_end(fxd_client *c) {
  release_all(&c->freed);
  release_all(&c->blocks);
  pthread_mutex_lock(&lock);
  for (fxd_range *r = c->shared; r != NULL; r = r->next) r->list = NULL;
  pthread_mutex_unlock(&lock);
}
