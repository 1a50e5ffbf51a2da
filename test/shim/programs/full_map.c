/* A kernel that moves no more mappings, once told so: what stands where they were to go is gone, as it may be then. */
#include <errno.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

void full_map(bool on);

static atomic_bool full;

void full_map(bool on) { full = on; }

void *mremap(void *from, size_t bytes, size_t new_bytes, int flags, ...) {
  va_list list;
  va_start(list, flags);
  void *to = va_arg(list, void *);
  va_end(list);
  if (!full) return (void *)syscall(SYS_mremap, from, bytes, new_bytes, flags, to); // NOLINT(performance-no-int-to-ptr)
  (void)munmap(to, new_bytes);
  errno = ENOMEM;
  return MAP_FAILED;
}
