/* Copies of rows, and described ones: which memory they touch, before the real library does. */
#include "executor/remote.h"
#include "real_table.h"

/* Bytes from the first row's begin to the last one's end; false where there are none, or too many to count. */
static bool span(uint64_t pitch, uint64_t width, uint64_t height, uint64_t *bytes) {
  if (width == 0 || height == 0 || width > pitch) return false;
  return !__builtin_mul_overflow(height - 1, pitch, bytes) && !__builtin_add_overflow(*bytes, width, bytes);
}

aclError fxd_rows_address(fxd_ring *r, aclrtMemcpyKind kind, uint64_t width, uint64_t height, const fxd_rows *rows) {
  uint64_t to_bytes, from_bytes;
  if (!span(rows->to_pitch, width, height, &to_bytes) || !span(rows->from_pitch, width, height, &from_bytes)) return ACL_ERROR_INVALID_PARAM;
  return fxd_copy_sides(r, kind, to_bytes, rows->to, from_bytes, rows->from);
}

aclError fxd_serve_aclrtMemcpy2d(fxd_call *c) {
  void *to = (void *)(uintptr_t)fxd_take(c);
  uint64_t to_pitch = fxd_take(c);
  const void *from = (const void *)(uintptr_t)fxd_take(c);
  uint64_t from_pitch = fxd_take(c), width = fxd_take(c), height = fxd_take(c);
  aclrtMemcpyKind kind = (aclrtMemcpyKind)(uint32_t)fxd_take(c);
  if (c->torn) return ACL_ERROR_INVALID_PARAM;
  aclError error = fxd_rows_address(c->ring, kind, width, height, &(fxd_rows){&to, to_pitch, &from, from_pitch});
  return error == ACL_SUCCESS ? fx_real.aclrtMemcpy2d(to, to_pitch, from, from_pitch, width, height, kind) : error;
}

aclError fxd_description(fxd_client *c, const void *description, aclrtMemcpyKind kind) {
  size_t bytes = 0;
  aclError error = fx_real.aclrtGetMemcpyDescSize(kind, &bytes);
  if (error != ACL_SUCCESS) return error;
  return description != NULL && fxd_holds(c, description, bytes) ? ACL_SUCCESS : ACL_ERROR_RT_PARAM_INVALID;
}

aclError fxd_serve_aclrtSetMemcpyDesc(fxd_call *c) {
  void *description = (void *)(uintptr_t)fxd_take(c);
  aclrtMemcpyKind kind = (aclrtMemcpyKind)(uint32_t)fxd_take(c);
  void *from = (void *)(uintptr_t)fxd_take(c), *to = (void *)(uintptr_t)fxd_take(c);
  uint64_t bytes = fxd_take(c), config = fxd_take(c);
  fxd_client *client = c->ring->client;
  if (c->torn || config != 0) return ACL_ERROR_INVALID_PARAM;
  aclError error = fxd_description(client, description, kind);
  if (error != ACL_SUCCESS) return error;
  if (!fxd_holds(client, from, bytes) || !fxd_holds(client, to, bytes)) return ACL_ERROR_RT_PARAM_INVALID;
  return fx_real.aclrtSetMemcpyDesc(description, kind, from, to, bytes, NULL);
}

aclError fxd_prefetch(fxd_client *c, const void *description) {
  size_t bytes = 0;
  aclError error = fx_real.aclrtCmoGetDescSize(&bytes);
  if (error != ACL_SUCCESS) return error;
  return description != NULL && fxd_holds(c, description, bytes) ? ACL_SUCCESS : ACL_ERROR_RT_PARAM_INVALID;
}

aclError fxd_serve_aclrtCmoSetDesc(fxd_call *c) {
  void *description = (void *)(uintptr_t)fxd_take(c), *memory = (void *)(uintptr_t)fxd_take(c);
  uint64_t bytes = fxd_take(c);
  fxd_client *client = c->ring->client;
  if (c->torn) return ACL_ERROR_INVALID_PARAM;
  aclError error = fxd_prefetch(client, description);
  if (error != ACL_SUCCESS) return error;
  return fxd_holds(client, memory, bytes) ? fx_real.aclrtCmoSetDesc(description, memory, bytes) : ACL_ERROR_RT_PARAM_INVALID;
}
