/*
 * Opens the real AscendCL libraries by absolute path, never ourselves, and resolves each function from the lowest
 * library that has it: aclrtXImpl (what the thin aclrtX of CANN >= 8.5 forwards to, so that our own exported aclrtX is
 * not entered again), then libacl_rt.so, then libascendcl.so, then whatever comes after us in the process, then the
 * function's own library (libhccl.so, libmsprofiler.so, ...) where the process has it. None of the latter is loaded for
 * its sake: who calls a function has its library.
 */
#include "boot/real.h"

#include <dlfcn.h>
#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "boot/config.h"
#include "api.h"
#include "boot/counters.h"
#include "remote_client.h"

static pthread_once_t once = PTHREAD_ONCE_INIT;
static void *libraries[2];
static char *library_paths[2];
static int library_count;
static bool found;
static FX_TLS bool booting; /* a library that is being opened may look functions up */

static bool is_self(const char *path) {
  Dl_info info;
  struct stat ours, theirs;
  if (dladdr((void *)fx_real_boot, &info) == 0 || info.dli_fname == NULL) return false;
  if (stat(info.dli_fname, &ours) != 0 || stat(path, &theirs) != 0) return false;
  return ours.st_dev == theirs.st_dev && ours.st_ino == theirs.st_ino;
}

static bool open_library(const char *path) {
  struct stat status;
  if (library_count == 2 || stat(path, &status) != 0 || !S_ISREG(status.st_mode) || is_self(path)) return false;
  /* Global, so that functions we do not export resolve for a program that got us in place of the real library. */
  void *handle = dlopen(path, RTLD_NOW | RTLD_GLOBAL);
  if (handle == NULL) {
    const char *why = dlerror();
    fx_fault("%s cannot be opened: %s", path, why != NULL ? why : "unknown");
    return false;
  }
  library_paths[library_count] = strdup(path);
  libraries[library_count++] = handle;
  return true;
}

static bool open_folder(const char *folder) {
  static const char *const names[] = {"libacl_rt.so", "libascendcl.so"};
  char path[PATH_MAX];
  bool any = false;
  for (size_t i = 0; i < 2; i++) {
    if (snprintf(path, sizeof path, "%s/%s", folder, names[i]) >= (int)sizeof path) continue;
    if (open_library(path)) any = true;
  }
  return any;
}

static bool open_below(const char *variable) {
  const char *home = getenv(variable);
  char folder[PATH_MAX];
  if (home == NULL || *home == '\0') return false;
  if (snprintf(folder, sizeof folder, "%s/lib64", home) >= (int)sizeof folder) return false;
  return open_folder(folder);
}

/*
 * The forwarding target of a function of libacl_rt.so, which does nothing but forward. Other libraries choose among targets.
 * aclAppLog's takes a va_list.
 */
static void *find_target(uint32_t api) {
  char impl[128];
  if (api == FX_API_aclAppLog || strcmp(fx_api_libraries[api], "libacl_rt.so") != 0) return NULL;
  (void)snprintf(impl, sizeof impl, "%sImpl", fx_api_names[api]);
  for (int i = 0; i < library_count; i++) {
    void *address = fx_libc_dlsym(libraries[i], impl);
    if (address != NULL) return address;
  }
  return NULL;
}

static void *find_in(void *library, uint32_t api) {
  void *address = fx_libc_dlsym(library, fx_api_names[api]);
  return address != fx_own_address(api) ? address : NULL;
}

static void *find(uint32_t api) {
  void *address = find_target(api);
  for (int i = 0; i < library_count && address == NULL; i++) address = find_in(libraries[i], api);
  if (address == NULL) address = find_in(RTLD_NEXT, api);
  if (address != NULL) return address;
  void *library = dlopen(fx_api_libraries[api], RTLD_LAZY | RTLD_NOLOAD);
  if (library == NULL) return NULL;
  address = find_in(library, api);
  if (address == NULL) (void)dlclose(library); /* else it stays for as long as we name its function */
  return address;
}

static bool open_real(const fx_config *config) {
  if (config->real_path == NULL)
    return open_below("ASCEND_HOME_PATH") || open_below("ASCEND_TOOLKIT_HOME") ||
           open_folder("/usr/local/Ascend/ascend-toolkit/latest/lib64") || open_folder("/usr/local/Ascend/latest/lib64");
  struct stat status;
  bool folder = stat(config->real_path, &status) == 0 && S_ISDIR(status.st_mode);
  bool opened = folder ? open_folder(config->real_path) : open_library(config->real_path);
  if (!opened) fx_fault("FLEXNPU_REAL=%s holds no real libascendcl.so or libacl_rt.so", config->real_path);
  return opened;
}

static void boot(void) {
  const fx_config *config = fx_config_get();
  booting = true;
  if (config->daemon_path != NULL) { /* the device is the daemon's; what is found here only runs host code */
    if (config->real_path != NULL || getenv("ASCEND_HOME_PATH") != NULL) (void)open_real(config);
    found = true;
  } else {
    (void)open_real(config); /* a preloaded program that links the real library needs no path: RTLD_NEXT has it */
    found = find(FX_API_aclInit) != NULL;
    if (!found) fx_fault("no real AscendCL library was found; set FLEXNPU_REAL to the folder that holds it");
  }
  booting = false;
}

void fx_real_boot(void) { pthread_once(&once, boot); }

/* A library may come later, but looking for it at every call of a function that is not there would cost microseconds. */
#define LOOKS 3
static _Atomic uint8_t looks[FX_API_COUNT];

/* What stands for the function: in daemon mode the daemon, unless it is host code. */
static void *stands_for(uint32_t api) {
  fx_real_boot();
  void *remote = fx_config_get()->daemon_path != NULL ? fx_remote_find(api) : NULL;
  if (remote != NULL) return remote;
  if (atomic_load_explicit(&looks[api], memory_order_relaxed) >= LOOKS) return NULL;
  void *address = find(api);
  if (address == NULL) atomic_fetch_add_explicit(&looks[api], 1, memory_order_relaxed);
  return address;
}

/* Threads read the entry without more ado: what they find, the stand-in or the function, comes to the same. */
__attribute__((no_sanitize("thread"))) static void put(void **entry, void *address) {
  __atomic_store_n(entry, address, __ATOMIC_RELEASE);
}

void *fx_real_bind(uint32_t api, void **entry) {
  void *address = stands_for(api);
  if (address != NULL) put(entry, address);
  else fx_count_missing(api);
  return address;
}

bool fx_real_has(uint32_t api) {
  if (booting) return true;
  return stands_for(api) != NULL || !found;
}

void *fx_real_library(void) { return library_count > 0 ? libraries[library_count - 1] : NULL; }

void fx_real_each(void (*visit)(const char *path, void *with), void *with) {
  for (int i = 0; i < library_count; i++)
    if (library_paths[i] != NULL) visit(library_paths[i], with);
}

int fx_real_found(void) {
  fx_real_boot();
  return found;
}
