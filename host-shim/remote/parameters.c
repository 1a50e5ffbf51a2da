/*
 * Launches with pointers to their arguments: the daemon knows how large those are and where they go, and is asked once for
 * each kernel.
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "remote/error.h"
#include "remote/kernels.h"
#include "remote_client.h"
#include "ring_layout.h"

typedef struct plan plan;
struct plan {
  plan *next;
  aclrtFuncHandle function;
  size_t count, bytes;
  struct {
    size_t offset, bytes;
  } parameters[];
};

static plan *_Atomic plans; /* never freed: a handle is not given out again */
static pthread_mutex_t adding = PTHREAD_MUTEX_INITIALIZER;

static const plan *find(aclrtFuncHandle function) {
  const plan *p = plans;
  while (p != NULL && p->function != function) p = p->next;
  return p;
}

static aclError ask(aclrtFuncHandle function, plan *p) {
  for (size_t i = 0; i < p->count; i++) {
    size_t offset = 0, bytes = 0;
    aclError error = fx_call_aclrtFunctionGetParamInfo(function, i, &offset, &bytes);
    if (error != ACL_SUCCESS) return error;
    if (offset > FLEXNPU_RING_ARGS_BYTES || bytes > FLEXNPU_RING_ARGS_BYTES - offset)
      return fx_remote_fail(ACL_ERROR_RT_PARAM_INVALID, "parameter %zu of a kernel: %zu bytes at %zu", i, bytes, offset);
    p->parameters[i].offset = offset;
    p->parameters[i].bytes = bytes;
    if (offset + bytes > p->bytes) p->bytes = offset + bytes;
  }
  return ACL_SUCCESS;
}

static aclError plan_of(aclrtFuncHandle function, const plan **found) {
  size_t count = 0;
  if ((*found = find(function)) != NULL) return ACL_SUCCESS;
  aclError error = fx_call_aclrtFunctionGetParamCount(function, &count);
  if (error != ACL_SUCCESS) return error;
  if (count > FLEXNPU_RING_ARGS_BYTES) return fx_remote_fail(ACL_ERROR_RT_PARAM_INVALID, "a kernel of %zu parameters", count);
  plan *made = calloc(1, sizeof *made + count * sizeof made->parameters[0]);
  if (made == NULL) return fx_remote_fail(ACL_ERROR_BAD_ALLOC, "no host memory for the parameters of a kernel");
  made->function = function;
  made->count = count;
  if ((error = ask(function, made)) != ACL_SUCCESS) {
    free(made);
    return error;
  }
  pthread_mutex_lock(&adding);
  made->next = plans; /* perhaps a second time: the same */
  plans = made;
  pthread_mutex_unlock(&adding);
  *found = made;
  return ACL_SUCCESS;
}

aclError fx_remote_aclrtLaunchKernelWithArgsArray(void *func, uint32_t numBlocks, aclrtStream stream, aclrtLaunchKernelCfg *cfg, void **args) {
  const plan *p;
  if (func == NULL) return fx_remote_no_pointer();
  aclError error = fx_kernel_check(func);
  if (error == ACL_SUCCESS) error = plan_of(func, &p);
  if (error != ACL_SUCCESS) return error;
  size_t padded = (p->bytes + 7u) & ~(size_t)7u;
  unsigned char *packed = calloc(1, padded + 8u);
  if (packed == NULL) return fx_remote_fail(ACL_ERROR_BAD_ALLOC, "no host memory for %zu bytes of arguments", padded);
  for (size_t i = 0; i < p->count && error == ACL_SUCCESS; i++) {
    if (args == NULL || args[i] == NULL) error = fx_remote_fail(ACL_ERROR_RT_PARAM_INVALID, "parameter %zu of a kernel is at NULL", i);
    else memcpy(packed + p->parameters[i].offset, args[i], p->parameters[i].bytes);
  }
  if (error == ACL_SUCCESS) error = fx_remote_aclrtLaunchKernelWithHostArgs(func, numBlocks, stream, cfg, packed, padded, NULL, 0);
  free(packed);
  return error;
}
