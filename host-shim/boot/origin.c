/*
 * Libraries by the name of their file. Asking for one costs a microsecond, so each thread remembers the answer for the
 * pages from which it was called; a page belongs to one library for as long as that is loaded.
 */
#include "boot/origin.h"

#include <dlfcn.h>
#include <stdint.h>
#include <string.h>

#include "boot/counters.h"

#define REMEMBERED 16
#define PAGE(address) ((uintptr_t)(address) >> 12)

typedef struct fx_page {
  uintptr_t page;
  bool below;
} fx_page;

static FX_TLS fx_page remembered[REMEMBERED];

static bool is_below(const void *address) {
  static const char *const libraries[] = {"libflexnpu.so", "libacl_rt.so",    "libacl_rt_impl.so",
                                          "libascendcl.so", "libruntime.so", "libruntime_common.so"};
  Dl_info info;
  if (dladdr(address, &info) == 0 || info.dli_fname == NULL) return false;
  const char *slash = strrchr(info.dli_fname, '/');
  const char *name = slash != NULL ? slash + 1 : info.dli_fname;
  for (size_t i = 0; i < sizeof libraries / sizeof *libraries; i++)
    if (strcmp(name, libraries[i]) == 0) return true;
  return false;
}

bool fx_called_from_below(const void *address) {
  fx_page *p = &remembered[PAGE(address) % REMEMBERED];
  if (p->page != PAGE(address)) *p = (fx_page){.page = PAGE(address), .below = is_below(address)};
  return p->below;
}
