/* The thread's last error and its text; see remote/error.h. Memory of a thread that never fails is never taken. */
#include "remote/error.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "boot/counters.h"
#include "remote_client.h"

#define TEXT_BYTES 512

typedef struct thread_errors {
  aclError last;
  bool fresh; /* the text was not fetched yet */
  char text[TEXT_BYTES];
} thread_errors;

static FX_TLS thread_errors *own;
static pthread_key_t key;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void release(void *memory) {
  own = NULL;
  free(memory);
}

static void make_key(void) { (void)pthread_key_create(&key, release); }

/* NULL where there is no memory: then the code alone is returned. */
static thread_errors *errors(void) {
  if (own == NULL) {
    pthread_once(&once, make_key);
    own = calloc(1, sizeof *own);
    if (own != NULL) (void)pthread_setspecific(key, own);
  }
  return own;
}

aclError fx_remote_fail(aclError error, const char *format, ...) {
  thread_errors *e = errors();
  if (e == NULL) return error;
  va_list arguments;
  va_start(arguments, format);
  (void)vsnprintf(e->text, sizeof e->text, format, arguments);
  va_end(arguments);
  e->last = error;
  e->fresh = true;
  return error;
}

aclError fx_remote_answered(aclError error, const char *text, size_t bytes) {
  if (bytes == 0) return fx_remote_fail(error, "the call failed with %d", error);
  return fx_remote_fail(error, "%.*s", (int)(bytes < TEXT_BYTES ? bytes : TEXT_BYTES), text);
}

aclError fx_remote_no_pointer(void) { return fx_remote_fail(ACL_ERROR_INVALID_PARAM, "a required pointer is NULL"); }

aclError fx_remote_no_handle(const void *handle, const char *kind) {
  if (handle == NULL) return fx_remote_no_pointer();
  return fx_remote_fail(ACL_ERROR_RT_INVALID_HANDLE, "%p is no %s", handle, kind);
}

const char *fx_remote_aclGetRecentErrMsg(void) {
  if (own == NULL || !own->fresh) return NULL;
  own->fresh = false;
  return own->text;
}

aclError fx_remote_aclrtPeekAtLastError(aclrtLastErrLevel level) {
  if (level != ACL_RT_THREAD_LEVEL) return fx_remote_fail(ACL_ERROR_INVALID_PARAM, "level %d is not ACL_RT_THREAD_LEVEL", level);
  return own != NULL ? own->last : ACL_SUCCESS;
}

aclError fx_remote_aclrtGetLastError(aclrtLastErrLevel level) {
  aclError error = fx_remote_aclrtPeekAtLastError(level);
  if (level == ACL_RT_THREAD_LEVEL && own != NULL) own->last = ACL_SUCCESS;
  return error;
}
