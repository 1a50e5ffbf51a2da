/*
 * The last error and its message, per thread. AscendCL keeps the code until it is read and the text until it is fetched;
 * a code that nobody explained gets a plain sentence.
 */
#include "sim.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define MESSAGE_BYTES 512u

_Thread_local sim_thread sim_self __attribute__((tls_model("initial-exec")));

static pthread_key_t message_key;
static pthread_once_t message_once = PTHREAD_ONCE_INIT;
static bool message_key_made;

static void make_message_key(void) { message_key_made = pthread_key_create(&message_key, free) == 0; }

/* The thread's message buffer, or NULL where there is no memory for one. */
static char *message_buffer(void) {
  pthread_once(&message_once, make_message_key);
  if (!message_key_made) return NULL;
  char *buffer = pthread_getspecific(message_key);
  if (buffer == NULL) {
    buffer = calloc(1, MESSAGE_BYTES);
    if (buffer != NULL && pthread_setspecific(message_key, buffer) != 0) {
      free(buffer);
      buffer = NULL;
    }
  }
  return buffer;
}

aclError sim_fail(aclError error, const char *format, ...) {
  char *buffer = message_buffer();
  if (buffer != NULL) {
    va_list arguments;
    va_start(arguments, format);
    int length = snprintf(buffer, MESSAGE_BYTES, "npu-sim [%d]: ", (int)error);
    if (length > 0 && (size_t)length < MESSAGE_BYTES) {
      vsnprintf(buffer + length, MESSAGE_BYTES - (size_t)length, format, arguments);
    }
    va_end(arguments);
    sim_self.message_error = error;
  }
  return error;
}

aclError npu_sim_note_error(aclError error) {
  if (sim_self.keep_next) {
    sim_self.keep_next = false;
    return error;
  }
  sim_self.last_error = error;
  if (sim_self.message_error != error) {
    sim_fail(error, error == ACL_ERROR_INVALID_PARAM ? "a required pointer is NULL" : "the call failed");
  }
  return error;
}

aclError npu_sim_missing(const char *name) {
  return sim_fail(ACL_ERROR_RT_FEATURE_NOT_SUPPORT, "%s is not simulated", name);
}

aclError sim_aclrtPeekAtLastError(aclrtLastErrLevel level) {
  if (level != ACL_RT_THREAD_LEVEL) return sim_fail(ACL_ERROR_INVALID_PARAM, "level %d is not ACL_RT_THREAD_LEVEL", level);
  sim_self.keep_next = sim_self.last_error != ACL_SUCCESS;
  return sim_self.last_error;
}

aclError sim_aclrtGetLastError(aclrtLastErrLevel level) {
  if (level != ACL_RT_THREAD_LEVEL) return sim_fail(ACL_ERROR_INVALID_PARAM, "level %d is not ACL_RT_THREAD_LEVEL", level);
  aclError error = sim_self.last_error;
  sim_self.last_error = ACL_SUCCESS;
  sim_self.keep_next = error != ACL_SUCCESS;
  return error;
}

const char *sim_aclGetRecentErrMsg(void) {
  if (sim_self.message_error == ACL_SUCCESS) return NULL;
  sim_self.message_error = ACL_SUCCESS;
  return message_buffer();
}
