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

static uint32_t evidence_of(const char *name) {
  for (size_t i = 0; i < sizeof fx_phase_names / sizeof *fx_phase_names; i++)
    if (strstr(name, fx_phase_names[i].contains) != NULL) return fx_phase_names[i].evidence;
  return FLEXNPU_PHASE_EVIDENCE_NONE;
}

void fx_function_add(aclrtFuncHandle handle, const char *name) {
  pthread_mutex_lock(&adding);
  fx_function *known = find(handle);
  if (known == NULL || strcmp(known->name, name) != 0) {
    size_t length = strlen(name);
    fx_function *f = calloc(1, sizeof *f + length + 1);
    if (f != NULL) {
      f->handle = handle;
      f->key = hash_name(name);
      f->evidence = evidence_of(name);
      memcpy(f->name, name, length);
      fx_function *_Atomic *bucket = bucket_of(handle);
      f->next = atomic_load_explicit(bucket, memory_order_relaxed);
      atomic_store_explicit(bucket, f, memory_order_release);
    }
  }
  pthread_mutex_unlock(&adding);
}

const fx_function *fx_function_of(aclrtFuncHandle handle) {
  fx_function *f = find(handle);
  if (f != NULL) return f;
  char name[256] = "";
  if (fx_real.aclrtGetFunctionName(handle, sizeof name, name) != ACL_SUCCESS || name[0] == '\0')
    (void)snprintf(name, sizeof name, "unnamed@%p", handle);
  fx_function_add(handle, name);
  return find(handle);
}

bool fx_function_named(aclrtFuncHandle handle, int32_t device) {
  const fx_function *f = find(handle);
  return f != NULL && (atomic_load_explicit(&f->named_on, memory_order_relaxed) & 1u << ((uint32_t)device % 32u)) != 0;
}

aclrtFuncHandle fx_function_stub(const void *address) {
  aclrtFuncHandle handle = (aclrtFuncHandle)(uintptr_t)address;
  char name[32];
  if (address == NULL || find(handle) != NULL) return handle;
  (void)snprintf(name, sizeof name, "unnamed@%p", address);
  fx_function_add(handle, name);
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
