/*
 * Devices and contexts as clients see them. The daemon's device is every client's device 0, and aclrtSetDevice gives each
 * client a context of its own, so that no client's default stream, and no device-wide call, is another's too.
 */
#include "api.h"
#include "executor/executor.h"
#include "executor/clients.h"
#include "executor/serve.h"
#include "real_table.h"

int32_t fxd_device;
/* Rises when a context ends: another may come at its address, and what a thread remembers of it is void. */
static _Atomic uint64_t ended_contexts;
static _Thread_local struct {
  aclrtContext context;
  uint64_t ended;
} entered;

static aclError enter(aclrtContext context) {
  uint64_t ended = atomic_load(&ended_contexts);
  if (context == entered.context && context != NULL && ended == entered.ended) return ACL_SUCCESS;
  aclError error = fx_real.aclrtSetCurrentContext(context);
  entered.context = error == ACL_SUCCESS ? context : NULL;
  entered.ended = ended;
  return error;
}

void fxd_enter_any(aclrtContext context) {
  if (context != NULL) (void)enter(context);
}

static aclrtContext own_context;

/* A thread without a context is in none of another client's: it is in the daemon's own, where no client has anything. */
aclError fxd_enter(const fxd_ring *r) {
  if (r->context != NULL) return enter(r->context);
  if (own_context != NULL) return enter(own_context);
  fxd_enter_own();
  return ACL_SUCCESS;
}

void fxd_enter_own(void) {
  if (fx_real.aclrtSetDevice(fxd_device) == ACL_SUCCESS && own_context == NULL) (void)fx_real.aclrtGetCurrentContext(&own_context);
  entered.context = NULL;
}

/* Making a context makes it current. */
static void made(aclrtContext context) {
  entered.context = context;
  entered.ended = atomic_load(&ended_contexts);
}

aclError fxd_context_destroy(aclrtContext context) {
  aclError error = fx_real.aclrtDestroyContext(context);
  atomic_fetch_add(&ended_contexts, 1);
  return error;
}

static void current(fxd_ring *r, aclrtContext context) {
  r->context = context;
  fxd_enter_any(context);
}

aclError fxd_serve_aclrtSetDevice(fxd_call *c) {
  int32_t device = (int32_t)fxd_take(c);
  if (c->torn || device != 0) return ACL_ERROR_RT_INVALID_DEVICEID;
  fxd_client *client = c->ring->client;
  if (client->device_context == NULL) {
    aclError error = fx_real.aclrtCreateContext(&client->device_context, fxd_device);
    if (error != ACL_SUCCESS) return error;
    made(client->device_context);
    uint32_t index = fxd_handle_index(FLEXNPU_HANDLE_CONTEXT);
    if (index != UINT32_MAX) (void)fxd_handle_make(FLEXNPU_HANDLE_CONTEXT, index, client->device_context, client->number);
  }
  client->device_uses++;
  current(c->ring, client->device_context);
  return ACL_SUCCESS;
}

aclError fxd_serve_aclrtGetDevice(fxd_call *c) {
  bool wanted = fxd_take(c) != 0;
  if (c->ring->context == NULL) return ACL_ERROR_RT_CONTEXT_NULL;
  if (wanted) fxd_put(c, 0);
  return ACL_SUCCESS;
}

aclError fxd_serve_aclrtCreateContext(fxd_call *c) {
  bool wanted = fxd_take(c) != 0;
  int32_t device = (int32_t)fxd_take(c);
  if (c->torn || !wanted) return ACL_ERROR_INVALID_PARAM;
  if (device != 0) return ACL_ERROR_RT_INVALID_DEVICEID;
  aclrtContext context;
  aclError error = fx_real.aclrtCreateContext(&context, fxd_device);
  if (error != ACL_SUCCESS) return error;
  made(context);
  c->ring->context = context;
  return fxd_put_handle(c, FLEXNPU_HANDLE_CONTEXT, context);
}

aclError fxd_serve_aclrtSetCurrentContext(fxd_call *c) {
  aclrtContext context;
  aclError error = fxd_take_handle(c, FLEXNPU_HANDLE_CONTEXT, &context);
  if (error == ACL_SUCCESS) current(c->ring, context);
  return error;
}

aclError fxd_serve_aclrtGetCurrentContext(fxd_call *c) {
  bool wanted = fxd_take(c) != 0;
  if (c->ring->context == NULL) return ACL_ERROR_RT_CONTEXT_NULL;
  uint64_t handle = fxd_handle_find(FLEXNPU_HANDLE_CONTEXT, c->ring->context, c->ring->client->number);
  if (handle == 0) return ACL_ERROR_RT_CONTEXT_NULL;
  if (wanted) fxd_put(c, handle);
  return ACL_SUCCESS;
}

aclError fxd_serve_aclrtCtxGetCurrentDefaultStream(fxd_call *c) {
  bool wanted = fxd_take(c) != 0;
  if (c->ring->context == NULL) return ACL_ERROR_RT_CONTEXT_NULL;
  aclrtStream stream;
  aclError error = fx_real.aclrtCtxGetCurrentDefaultStream(&stream);
  if (error != ACL_SUCCESS || !wanted) return error;
  uint64_t handle = fxd_handle_find(FLEXNPU_HANDLE_STREAM, stream, c->ring->client->number);
  c->existed = handle != 0;
  if (!c->existed) return fxd_put_handle(c, FLEXNPU_HANDLE_STREAM, stream);
  fxd_put(c, handle);
  return ACL_SUCCESS;
}

static bool resets(uint32_t api) { return api == FX_API_aclrtResetDevice || api == FX_API_aclrtResetDeviceForce; }

/*
 * A context that ends takes its streams along. Here, on the loop's thread, everything goes that is the executor's own;
 * the twin then makes only the real call, which may wait for the device.
 */
void fxd_context_leave(fxd_call *c) {
  fxd_client *client = c->ring->client;
  const uint8_t *at = c->at;
  c->left = NULL;
  if (resets(c->api)) {
    bool device = (int32_t)fxd_take(c) == 0 && !c->torn;
    /* As often as it was set, unless by force. */
    if (device && client->device_uses > 0) client->device_uses = c->api == FX_API_aclrtResetDevice ? client->device_uses - 1 : 0;
    if (device && client->device_uses == 0) c->left = client->device_context;
  } else if (fxd_take_handle(c, FLEXNPU_HANDLE_CONTEXT, &c->left) != ACL_SUCCESS) c->left = NULL;
  c->at = (uint8_t *)(uintptr_t)at;
  aclrtContext context = c->left;
  if (context == NULL) return;
  c->ended = fxd_scratch(c, FLEXNPU_MAX_STREAMS * sizeof *c->ended);
  for (uint32_t number = 0; number < FLEXNPU_MAX_STREAMS; number++)
    if (fxd_stream_end_in(number, context, client->number) && c->ended != NULL) c->ended[c->ended_count++] = number;
  fxd_markers_forget(context);
  fxd_handle_end(FLEXNPU_HANDLE_CONTEXT, fxd_handle_find(FLEXNPU_HANDLE_CONTEXT, context, client->number));
  if (client->device_context == context) client->device_context = NULL;
  for (uint32_t i = 0; i < FXD_MAX_RINGS; i++)
    if (fxd_rings[i].client == client && fxd_rings[i].context == context) fxd_rings[i].context = NULL;
}

/* The streams are gone for the loop once the device is done with them: memory that they used goes back then. */
static aclError destroy(fxd_call *c) {
  aclError error = fxd_context_destroy(c->left);
  for (uint32_t i = 0; i < c->ended_count; i++) {
    flexnpu_event ended = {.kind = 0x9003, .stream = c->ended[i]};
    ((uint32_t *)(void *)&ended)[4] = c->ring->client->number;
    fxd_found(&ended);
  }
  return error;
}

aclError fxd_serve_aclrtDestroyContext(fxd_call *c) {
  aclrtContext context;
  if (c->left != NULL) return destroy(c);
  return fxd_take_handle(c, FLEXNPU_HANDLE_CONTEXT, &context);
}

aclError fxd_serve_aclrtResetDevice(fxd_call *c) {
  int32_t device = (int32_t)fxd_take(c);
  if (c->torn || device != 0) return ACL_ERROR_RT_INVALID_DEVICEID;
  if (c->left != NULL) return destroy(c);
  return c->ring->client->device_uses > 0 ? ACL_SUCCESS : ACL_ERROR_RT_INVALID_DEVICEID; /* it was never set */
}

aclError fxd_serve_aclrtResetDeviceForce(fxd_call *c) { return fxd_serve_aclrtResetDevice(c); }

aclError fxd_serve_aclrtGetDeviceCount(fxd_call *c) {
  if (fxd_take(c) != 0) fxd_put(c, 1);
  return ACL_SUCCESS;
}
