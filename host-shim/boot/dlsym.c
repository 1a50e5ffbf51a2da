/*
 * dlsym, overridden: a program that looks AscendCL up by name (torch_npu, op-plugin) gets our function where the library
 * it asks has one of that name, and what libc says in every other case, RTLD_NEXT of its own caller included.
 */
#include <dlfcn.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "aclnn/operators.h"
#include "boot/counters.h"
#include "boot/real.h"

#if defined(__x86_64__)
#define OLDEST_GLIBC "GLIBC_2.2.5"
#elif defined(__aarch64__)
#define OLDEST_GLIBC "GLIBC_2.17"
#else
#error "dlsym's oldest version is not known for this machine"
#endif

/* A sanitizer's runtime looks its own functions up with dlsym, before instrumented code may run. */
#define BEFORE_RUNTIMES __attribute__((no_sanitize("address", "thread", "undefined")))

typedef void *(*dlsym_fn)(void *, const char *);

static dlsym_fn libc_dlsym;

BEFORE_RUNTIMES static dlsym_fn resolve(void) {
  dlsym_fn function = __atomic_load_n(&libc_dlsym, __ATOMIC_RELAXED);
  if (FX_LIKELY(function != NULL)) return function;
  /* glibc 2.34 moved dlsym from libdl to libc under a new version. */
  void *address = dlvsym(RTLD_NEXT, "dlsym", "GLIBC_2.34");
  if (address == NULL) address = dlvsym(RTLD_NEXT, "dlsym", OLDEST_GLIBC);
  memcpy(&function, &address, sizeof function);
  __atomic_store_n(&libc_dlsym, function, __ATOMIC_RELAXED);
  return function;
}

void *fx_libc_dlsym(void *handle, const char *name) { return resolve()(handle, name); }

/* Whether the name may be one of ours. */
BEFORE_RUNTIMES static bool ours(const char *name) {
  switch (name[0]) {
    case 'a': return strncmp(name, "acl", 3) == 0;
    case 'r': return name[1] == 't' && name[2] >= 'A' && name[2] <= 'Z';
    case 'H': return strncmp(name, "Hccl", 4) == 0;
    default: return false;
  }
}

static void *unknown(const char *name, void *theirs) {
  fx_count_unknown(name);
  return theirs;
}

/* An operator has two functions; what has no phase 1 beside it is something else. */
static void *an_operator(dlsym_fn function, void *handle, const char *name, void *theirs) {
  char sibling[192];
  int length = snprintf(sibling, sizeof sibling, "%sGetWorkspaceSize", name);
  bool fits = length > 0 && (size_t)length < sizeof sibling;
  const void *phase1 = fits ? function(handle, sibling) : NULL;
  if (fits && phase1 == NULL) (void)dlerror(); /* the program asked for what is there */
  return fx_operator_found(name, theirs, phase1);
}

BEFORE_RUNTIMES FX_EXPORT void *dlsym(void *restrict handle, const char *restrict name) {
  dlsym_fn function = resolve();
  if (!ours(name) || handle == RTLD_NEXT) {
    /* A jump, not a call (-foptimize-sibling-calls): RTLD_NEXT goes by the return address. */
    return function(handle, name);
  }
  void *theirs = function(handle, name);
  if (theirs == NULL) return NULL; /* what the library does not have stays absent */
  uint32_t api = fx_own_number(name);
  if (api == 0) return strncmp(name, "aclnn", 5) == 0 ? an_operator(function, handle, name, theirs) : unknown(name, theirs);
  fx_count_looked_up(api);
  void *own = fx_own_address(api);
  /* They found ours, which says nothing: it is there if the real library has it. Else dlerror is to say that it is not. */
  if (theirs == own && !fx_real_has(api)) return function(fx_real_library(), name);
  return own;
}
