/*
 * Copies of rows. Between device addresses and with pinned memory one record is the whole copy; other host memory goes
 * through the data area, its rows one behind the other, as many as a piece holds.
 */
#include <string.h>

#include "boot/counters.h"
#include "engine/submit.h"
#include "real_table.h"
#include "remote/capture.h"
#include "remote/copy.h"
#include "remote/error.h"
#include "remote/handles.h"
#include "remote/operator.h"
#include "remote/staging.h"
#include "remote/streams.h"
#include "remote_client.h"

/* Limits of CANN's aclrtMemcpy2d: so sizes do not overflow. */
#define MOST_WIDTH 5000000u
#define MOST_HEIGHT 5242880u

typedef struct rows {
  uint8_t *to;
  size_t to_pitch;
  const uint8_t *from;
  size_t from_pitch, width, height;
  aclrtMemcpyKind kind;
} rows;

static size_t spanned(size_t pitch, const rows *r) { return (r->height - 1) * pitch + r->width; }

/* The codes are those of the library, which sees only what is left of it. */
static aclError plan(rows *r, bool *pageable) {
  if (r->to == NULL || r->from == NULL) return fx_remote_no_pointer();
  if (r->kind != ACL_MEMCPY_HOST_TO_DEVICE && r->kind != ACL_MEMCPY_DEVICE_TO_HOST && r->kind != ACL_MEMCPY_DEVICE_TO_DEVICE)
    return fx_remote_fail(ACL_ERROR_INVALID_PARAM, "copy kind %d: rows go between host and device", (int)r->kind);
  if (r->width == 0 || r->width > MOST_WIDTH || r->height == 0 || r->height > MOST_HEIGHT)
    return fx_remote_fail(ACL_ERROR_INVALID_PARAM, "%zu rows of %zu bytes: expected up to %u of %u", r->height, r->width, MOST_HEIGHT, MOST_WIDTH);
  if (r->width > r->to_pitch || r->width > r->from_pitch)
    return fx_remote_fail(ACL_ERROR_INVALID_PARAM, "rows of %zu bytes overlap: they are %zu and %zu apart", r->width, r->to_pitch, r->from_pitch);
  if (r->to_pitch > SIZE_MAX / MOST_HEIGHT || r->from_pitch > SIZE_MAX / MOST_HEIGHT)
    return fx_remote_fail(ACL_ERROR_INVALID_PARAM, "the rows are too far apart");
  fx_side to = {r->to, spanned(r->to_pitch, r)}, from = {r->from, spanned(r->from_pitch, r)};
  r->kind = fx_copy_direction(to, from, r->kind);
  if (r->kind == ACL_MEMCPY_HOST_TO_HOST)
    return fx_remote_fail(ACL_ERROR_INVALID_PARAM, "neither %p nor %p is device memory", (void *)r->to, (const void *)r->from);
  *pageable = fx_copy_is_pageable(to, from, r->kind);
  return fx_copy_check(to, from, r->kind);
}

static void copy_here(uint8_t *to, size_t to_pitch, const uint8_t *from, size_t from_pitch, size_t width, size_t height) {
  for (size_t row = 0; row < height; row++) memcpy(to + row * to_pitch, from + row * from_pitch, width);
}

/* So many rows from there on, with the host's side in the data area. */
static rows through(const rows *r, size_t first, size_t count, size_t offset) {
  rows part = *r;
  part.height = count;
  part.to += first * r->to_pitch;
  part.from += first * r->from_pitch;
  if (r->kind == ACL_MEMCPY_HOST_TO_DEVICE) {
    part.from = fx_data_address(offset);
    part.from_pitch = r->width;
  } else {
    part.to = fx_data_address(offset);
    part.to_pitch = r->width;
  }
  return part;
}

static size_t of_a_piece(const rows *r, size_t done) {
  size_t most = FLEXNPU_RING_PIECE_BYTES / r->width, left = r->height - done;
  return left < most ? left : most;
}

static void fill(uint8_t *place, const rows *r, size_t first, size_t count) {
  copy_here(place, r->width, r->from + first * r->from_pitch, r->from_pitch, r->width, count);
}

static void empty(const uint8_t *place, const rows *r, size_t first, size_t count) {
  copy_here(r->to + first * r->to_pitch, r->to_pitch, place, r->width, r->width, count);
}

static aclError send(const rows *r) {
  return fx_call_aclrtMemcpy2d(r->to, r->to_pitch, r->from, r->from_pitch, r->width, r->height, r->kind);
}

aclError fx_remote_aclrtMemcpy2d(void *dst, size_t dpitch, const void *src, size_t spitch, size_t width, size_t height,
                                 aclrtMemcpyKind kind) {
  rows r = {dst, dpitch, src, spitch, width, height, kind};
  bool pageable = false;
  aclError error = plan(&r, &pageable);
  if (error == ACL_SUCCESS) error = fx_capture_check("aclrtMemcpy2d");
  if (error != ACL_SUCCESS || !pageable) return error == ACL_SUCCESS ? send(&r) : error;
  if (width > FLEXNPU_RING_PIECE_BYTES) { /* a row is many pieces */
    for (size_t row = 0; row < height && error == ACL_SUCCESS; row++)
      error = fx_remote_aclrtMemcpy(r.to + row * dpitch, width, r.from + row * spitch, width, r.kind);
    return error;
  }
  fx_ring *ring = fx_ring_get(&error);
  uint8_t *area = ring != NULL ? fx_ring_data(ring, &error) : NULL;
  if (area == NULL) return error;
  for (size_t done = 0; done < height && error == ACL_SUCCESS;) {
    size_t count = of_a_piece(&r, done);
    rows part = through(&r, done, count, 0);
    if (r.kind == ACL_MEMCPY_HOST_TO_DEVICE) fill(area, &r, done, count);
    error = send(&part);
    if (error == ACL_SUCCESS && r.kind == ACL_MEMCPY_DEVICE_TO_HOST) empty(area, &r, done, count);
    done += count;
  }
  return error;
}

static aclError submit(const rows *r, aclrtStream stream) {
  fx_args_aclrtMemcpy2dAsync args = {r->to, r->to_pitch, r->from, r->from_pitch, r->width, r->height, r->kind, stream};
  fx_operator o = {.api = FX_API_aclrtMemcpy2dAsync, .op_class = fx_copy_class(r->kind), .stream = fx_handle_number(stream),
                   .sync_object = FLEXNPU_NONE, .bytes = r->width * r->height};
  aclError error = fx_operator_open(&o, sizeof args);
  if (error != ACL_SUCCESS) return error;
  fx_operator_put(&o, &args, sizeof args);
  return fx_operator_submit(&o);
}

/* To the device the source may be used again when this returns; from it, the copy is done. */
static aclError stage(const rows *r, fx_ring *ring, aclrtStream stream) {
  aclError error = ACL_SUCCESS;
  for (size_t done = 0; done < r->height && error == ACL_SUCCESS;) {
    size_t count = of_a_piece(r, done), offset;
    uint8_t *place = fx_staging_take(ring, count * r->width, stream, &offset, &error);
    if (place == NULL) return error;
    rows part = through(r, done, count, offset);
    if (r->kind == ACL_MEMCPY_HOST_TO_DEVICE) {
      fill(place, r, done, count);
      error = submit(&part, stream);
    } else {
      error = submit(&part, stream);
      if (error == ACL_SUCCESS) error = fx_call_aclrtSynchronizeStream(stream);
      if (error != ACL_SUCCESS) return error;
      empty(place, r, done, count);
      fx_staging_synchronized(ring, stream);
    }
    done += count;
  }
  return error;
}

aclError fx_remote_aclrtMemcpy2dAsync(void *dst, size_t dpitch, const void *src, size_t spitch, size_t width, size_t height,
                                      aclrtMemcpyKind kind, aclrtStream stream) {
  rows r = {dst, dpitch, src, spitch, width, height, kind};
  bool pageable = false;
  aclError error = plan(&r, &pageable);
  if (error == ACL_SUCCESS) error = fx_stream_resolve(&stream);
  if (error != ACL_SUCCESS || !pageable) return error == ACL_SUCCESS ? submit(&r, stream) : error;
  if ((error = fx_capture_refuse(stream, ACL_ERROR_RT_PARAM_INVALID, "a copy with pageable host memory")) != ACL_SUCCESS) return error;
  if (width > FLEXNPU_RING_PIECE_BYTES) {
    for (size_t row = 0; row < height && error == ACL_SUCCESS; row++)
      error = fx_remote_aclrtMemcpyAsync(r.to + row * dpitch, width, r.from + row * spitch, width, r.kind, stream);
    return error;
  }
  fx_ring *ring = fx_ring_get(&error);
  return ring != NULL ? stage(&r, ring, stream) : error;
}
