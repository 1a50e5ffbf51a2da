/*
 * Clients, and how they go: everything of a client that is gone is given back by a thread that waits for its work on the
 * device, so that neither the daemon nor another client waits for it.
 */
#include "executor/clients.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "boot/counters.h"
#include "executor/exceptions.h"
#include "executor/graphs.h"
#include "executor/blocks.h"
#include "executor/mappings.h"
#include "executor/shared_objects.h"
#include "executor/shares.h"
#include "executor/serve.h"
#include "real_table.h"

static fxd_client *clients;

fxd_client *fxd_client_of(uint32_t number) {
  fxd_client *c = clients;
  while (c != NULL && c->number != number) c = c->next;
  return c;
}

uint64_t fxd_longest_timeout(fxd_timeout kind) {
  uint64_t longest = 0;
  for (const fxd_client *c = clients; c != NULL; c = c->next)
    if (c->timeouts[kind] > longest) longest = c->timeouts[kind];
  return longest;
}

FX_EXPORT int32_t fxd_client_add(uint32_t number, uint32_t uid, uint32_t pid) {
  if (fxd_client_of(number) != NULL) return -EEXIST;
  fxd_client *c = calloc(1, sizeof *c);
  if (c == NULL) return -ENOMEM;
  c->number = number;
  c->uid = uid;
  c->pid = pid;
  pthread_mutex_init(&c->pins_lock, NULL);
  pthread_rwlock_init(&c->held.lock, NULL);
  c->next = clients;
  clients = c;
  return 0;
}

FX_EXPORT void fxd_client_memory(uint32_t client, uint64_t total_bytes, uint64_t free_bytes) {
  fxd_client *c = fxd_client_of(client);
  if (c == NULL) return;
  c->total_bytes = total_bytes;
  c->free_bytes = free_bytes;
}

static void end_graph(void *real, uint32_t index) {
  (void)index;
  (void)fx_real.aclmdlRIDestroy(real);
}

static void end_event(void *real, uint32_t index) {
  (void)index;
  if (fxd_shared_release(real)) (void)fx_real.aclrtDestroyEvent(real);
}

static void end_notify(void *real, uint32_t index) {
  (void)index;
  if (fxd_shared_release(real)) (void)fx_real.aclrtDestroyNotify(real);
}

static void end_counting(void *real, uint32_t index) {
  (void)index;
  (void)fx_real.aclrtCntNotifyDestroy(real);
}

static void end_binary(void *real, uint32_t index) {
  (void)index;
  (void)fx_real.aclrtBinaryUnLoad(real);
}

static void end_physical(void *real, uint32_t index) {
  (void)index;
  if (fxd_shared_release(real)) (void)fx_real.aclrtFreePhysical(real);
}

static void end_context(void *real, uint32_t index) {
  (void)index;
  (void)fx_real.aclrtSetCurrentContext(real);
  (void)fx_real.aclrtSynchronizeDevice(); /* of this context: its streams' work is over before their memory goes */
  (void)fxd_context_destroy(real);
}

/* A stream of a client that goes, and where it is. */
typedef struct fxd_left {
  struct fxd_left *next;
  aclrtStream stream;
  aclrtContext context;
} fxd_left;

static fxd_client *leaving;

static void leave_stream(void *real, uint32_t index) {
  fxd_left *left = malloc(sizeof *left);
  if (left != NULL) {
    *left = (fxd_left){.next = leaving->left, .stream = real, .context = fxd_stream_context(index)};
    leaving->left = left;
  }
  fxd_marker_drop(index);
}

/* What they still hold does not run: nobody will see it, and others could use the device. */
static void end_streams(fxd_client *c) {
  while (c->left != NULL) {
    fxd_left *left = c->left;
    aclrtStream default_stream = NULL;
    c->left = left->next;
    bool entered = fx_real.aclrtSetCurrentContext(left->context) == ACL_SUCCESS;
    /* A default stream ends with its context. */
    if (entered && fx_real.aclrtCtxGetCurrentDefaultStream(&default_stream) == ACL_SUCCESS && default_stream != left->stream)
      (void)fx_real.aclrtDestroyStreamForce(left->stream);
    free(left);
  }
}

static void forget_context(void *real, uint32_t index) {
  (void)index;
  fxd_markers_forget(real);
}

static void end_label(void *real, uint32_t index) {
  (void)index;
  (void)fx_real.aclrtDestroyLabel(real);
}

static void end_labels(void *real, uint32_t index) {
  (void)index;
  (void)fx_real.aclrtDestroyLabelList(real);
}

static void nothing(void *real, uint32_t index) {
  (void)real;
  (void)index;
}

/* On a thread of its own: may wait for the device. */
static void *reap(void *argument) {
  fxd_client *c = argument;
  (void)fx_real.aclrtSetDevice(fxd_device); /* a context for what needs one */
  for (uint32_t i = 0; i < FXD_MAX_RINGS; i++)
    if (fxd_rings[i].client == c) fxd_twin_end(&fxd_rings[i]);
  end_streams(c);
  if (c->device_context != NULL) (void)fx_real.aclrtSetCurrentContext(c->device_context);
  fxd_parts_forget(c);
  fxd_handles_end(c->number, FLEXNPU_HANDLE_TASK_GROUP, nothing);
  fxd_handles_end(c->number, FLEXNPU_HANDLE_GRAPH, end_graph);
  fxd_handles_end(c->number, FLEXNPU_HANDLE_CONTEXT, end_context);
  if (fx_real.aclrtSetDevice(fxd_device) == ACL_SUCCESS) {
    fxd_imports_end(c);
    fxd_blocks_end(c);
    fxd_mappings_end(c);
    fxd_handles_end(c->number, FLEXNPU_HANDLE_EVENT, end_event);
    fxd_handles_end(c->number, FLEXNPU_HANDLE_NOTIFY, end_notify);
    fxd_handles_end(c->number, FLEXNPU_HANDLE_CNT_NOTIFY, end_counting);
    fxd_handles_end(c->number, FLEXNPU_HANDLE_LABEL_LIST, end_labels);
    fxd_handles_end(c->number, FLEXNPU_HANDLE_LABEL, end_label);
    fxd_handles_end(c->number, FLEXNPU_HANDLE_PHYS_MEM, end_physical);
    fxd_handles_end(c->number, FLEXNPU_HANDLE_FUNCTION, nothing);
    fxd_handles_end(c->number, FLEXNPU_HANDLE_BINARY, end_binary);
  }
  /* Copies of it are over with its contexts: its memory may go. */
  for (uint32_t i = 0; i < FXD_MAX_RINGS; i++)
    if (fxd_rings[i].client == c) fxd_ring_end(&fxd_rings[i]);
  fxd_pins_end(c);
  pthread_mutex_destroy(&c->pins_lock);
  pthread_rwlock_destroy(&c->held.lock);
  free(c->held.ranges);
  free(c);
  return NULL;
}

/*
 * The daemon's loop has let go of the client. Its streams' markers are forgotten at once; the rest goes on its thread.
 * Functions and events keep their numbers until then, so a number that is used again meets the next generation.
 */
FX_EXPORT void fxd_client_remove(uint32_t number) {
  fxd_client **at = &clients;
  while (*at != NULL && (*at)->number != number) at = &(*at)->next;
  fxd_client *c = *at;
  if (c == NULL) return;
  *at = c->next;
  for (uint32_t i = 0; i < FXD_MAX_RINGS; i++)
    if (fxd_rings[i].client == c) {
      fxd_rings[i].context = NULL;
      atomic_store(&fxd_rings[i].leaving, true);
    }
  leaving = c;
  fxd_handles_end(number, FLEXNPU_HANDLE_STREAM, leave_stream);
  fxd_handles_each(number, FLEXNPU_HANDLE_CONTEXT, forget_context);
  fxd_captures_change(c, -c->captures);
  fxd_shares_end(number);
  fxd_exceptions_forget(number);
  pthread_t thread;
  if (pthread_create(&thread, NULL, reap, c) == 0) (void)pthread_detach(thread);
  else (void)reap(c);
}
