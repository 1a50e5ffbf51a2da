/*
 * The table of kernels. Entries are only added or put in front of older ones of the same handle, never freed: readers
 * take no lock, and there are as many entries as kernels in the program's binaries.
 */
#include "kernel/functions.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "phase_names.h"
#include "real_table.h"

#define BUCKETS 1024

static fx_function *_Atomic buckets[BUCKETS];
static pthread_mutex_t adding = PTHREAD_MUTEX_INITIALIZER;

/* Binaries that were unloaded; of a function that is an address of the program there is nothing to ask. */
static _Atomic uint32_t unloaded;
#define ALWAYS UINT32_MAX
#define NEVER (UINT32_MAX - 1)

static fx_function *_Atomic *bucket_of(aclrtFuncHandle handle) {
  uint64_t hash = ((uint64_t)(uintptr_t)handle >> 3) * 0x9e3779b97f4a7c15u;
  return &buckets[hash >> 54];
}

static fx_function *find(aclrtFuncHandle handle) {
  fx_function *f = atomic_load_explicit(bucket_of(handle), memory_order_acquire);
  while (f != NULL && f->handle != handle) f = f->next;
  return f;
}

static uint64_t hash_name(const char *name) {
  uint64_t hash = 0xcbf29ce484222325u;
  for (const unsigned char *c = (const unsigned char *)name; *c != '\0'; c++) hash = (hash ^ *c) * 0x100000001b3u;
  return hash;
}

uint32_t fx_phase_evidence(const char *name) {
  for (size_t i = 0; i < sizeof fx_phase_names / sizeof *fx_phase_names; i++)
    if (strstr(name, fx_phase_names[i].contains) != NULL) return fx_phase_names[i].evidence;
  return FLEXNPU_PHASE_EVIDENCE_NONE;
}

static void add(aclrtFuncHandle handle, const char *name, uint32_t alive) {
  pthread_mutex_lock(&adding);
  fx_function *known = find(handle);
  if (known != NULL && strcmp(known->name, name) == 0) {
    atomic_store(&known->seen_alive, alive);
  } else {
    size_t length = strlen(name);
    fx_function *f = calloc(1, sizeof *f + length + 1);
    if (f != NULL) {
      f->handle = handle;
      f->seen_alive = alive;
      f->key = hash_name(name);
      f->evidence = fx_phase_evidence(name);
      memcpy(f->name, name, length);
      fx_function *_Atomic *bucket = bucket_of(handle);
      f->next = atomic_load_explicit(bucket, memory_order_relaxed);
      atomic_store_explicit(bucket, f, memory_order_release);
    }
  }
  pthread_mutex_unlock(&adding);
}

void fx_function_add(aclrtFuncHandle handle, const char *name) { add(handle, name, atomic_load(&unloaded)); }

const fx_function *fx_function_of(aclrtFuncHandle handle) {
  fx_function *f = find(handle);
  if (f != NULL) return f;
  char name[256] = "";
  uint32_t now = atomic_load(&unloaded);
  bool lives = fx_real.aclrtGetFunctionName(handle, sizeof name, name) == ACL_SUCCESS;
  if (name[0] == '\0') (void)snprintf(name, sizeof name, "unnamed@%p", handle);
  add(handle, name, lives ? now : NEVER);
  return find(handle);
}

aclError fx_function_ask(aclrtFuncHandle handle, const fx_function **found) {
  const fx_function *f = *found = fx_function_of(handle);
  if (f == NULL) return ACL_ERROR_BAD_ALLOC;
  uint32_t seen = atomic_load_explicit(&f->seen_alive, memory_order_relaxed), now = atomic_load_explicit(&unloaded, memory_order_relaxed);
  if (seen == now || seen == ALWAYS) return ACL_SUCCESS;
  char name[256] = "";
  aclError error = fx_real.aclrtGetFunctionName(handle, sizeof name, name);
  if (name[0] == '\0') (void)snprintf(name, sizeof name, "unnamed@%p", handle);
  if (error == ACL_SUCCESS) add(handle, name, now);
  *found = find(handle);
  return error;
}

void fx_functions_doubt(void) {
  if (atomic_fetch_add(&unloaded, 1) + 1 == NEVER) atomic_store(&unloaded, 0);
}

bool fx_function_named(const fx_function *function, int32_t device) {
  return function != NULL && (atomic_load_explicit(&function->named_on, memory_order_relaxed) & 1u << ((uint32_t)device % 32u)) != 0;
}

aclrtFuncHandle fx_function_stub(const void *address) {
  aclrtFuncHandle handle = (aclrtFuncHandle)(uintptr_t)address;
  char name[32];
  if (address == NULL || find(handle) != NULL) return handle;
  (void)snprintf(name, sizeof name, "unnamed@%p", address);
  add(handle, name, ALWAYS);
  return handle;
}

/* Odd, so that it is the address of no handle. */
aclrtFuncHandle fx_function_keyed(const void *binary, uint64_t key) {
  return fx_function_stub((const void *)(((uintptr_t)binary ^ (uintptr_t)(key * 0x9e3779b97f4a7c15u)) | 1u));
}

bool fx_function_first_use(const fx_function *function, int32_t device) {
  _Atomic uint32_t *named_on = &((fx_function *)(uintptr_t)function)->named_on;
  uint32_t bit = 1u << ((uint32_t)device % 32u);
  if ((atomic_load_explicit(named_on, memory_order_relaxed) & bit) != 0) return false;
  return (atomic_fetch_or(named_on, bit) & bit) == 0;
}
