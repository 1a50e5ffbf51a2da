/*
 * Opens the real AscendCL libraries by absolute path, never ourselves, and resolves each function from the lowest
 * library that has it: aclrtXImpl (what the thin aclrtX of CANN >= 8.5 forwards to, so that our own exported aclrtX is
 * not entered again), then libacl_rt.so, then libascendcl.so, then whatever comes after us in the process.
 */
#include "boot/real.h"

#include <dlfcn.h>
#include <limits.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "boot/config.h"
#include "boot/counters.h"
#include "remote_client.h"

static pthread_once_t once = PTHREAD_ONCE_INIT;
static void *libraries[2];
static int library_count;
static bool found;

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

static void *find(const char *name) {
  char impl[128];
  (void)snprintf(impl, sizeof impl, "%sImpl", name);
  for (int i = 0; i < library_count; i++) {
    void *address = fx_libc_dlsym(libraries[i], impl);
    if (address != NULL) return address;
  }
  for (int i = 0; i < library_count; i++) {
    void *address = fx_libc_dlsym(libraries[i], name);
    if (address != NULL && address != fx_own_symbol(name)) return address;
  }
  void *address = fx_libc_dlsym(RTLD_NEXT, name);
  return address != fx_own_symbol(name) ? address : NULL;
}

static void boot(void) {
  const fx_config *config = fx_config_get();
  if (config->daemon_path != NULL) { /* daemon mode: the real library is opened by the daemon alone */
    found = true;
    fx_real_fill(fx_remote_find);
    return;
  }
  bool opened;
  if (config->real_path != NULL) {
    struct stat status;
    opened = stat(config->real_path, &status) == 0 && S_ISDIR(status.st_mode) ? open_folder(config->real_path)
                                                                              : open_library(config->real_path);
    if (!opened) fx_fault("FLEXNPU_REAL=%s holds no real libascendcl.so or libacl_rt.so", config->real_path);
  } else {
    opened = open_below("ASCEND_HOME_PATH") || open_below("ASCEND_TOOLKIT_HOME") ||
             open_folder("/usr/local/Ascend/ascend-toolkit/latest/lib64") || open_folder("/usr/local/Ascend/latest/lib64");
  }
  found = find("aclInit") != NULL;
  if (!found) fx_fault("no real AscendCL library was found; set FLEXNPU_REAL to the folder that holds it");
  (void)opened; /* a preloaded program that links the real library needs no path: RTLD_NEXT has it */
  fx_real_fill(find);
}

void fx_real_boot(void) { pthread_once(&once, boot); }

int fx_real_found(void) {
  fx_real_boot();
  return found;
}

void fx_real_missing(uint32_t api) { fx_count_missing(api); }
