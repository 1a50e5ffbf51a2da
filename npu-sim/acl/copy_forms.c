/* Copies of rows, of several pieces, through descriptions in device memory, and fills in words. */
#include <stdlib.h>
#include <string.h>

#include "copy.h"
#include "engine.h"
#include "graph.h"
#include "memory.h"

static sim_task *moving(void (*move)(const sim_task *), uint64_t bytes, sim_direction direction) {
  sim_task *task = sim_task_take(SIM_TASK_COPY);
  if (task == NULL) return NULL;
  task->u.copy.move = move;
  task->u.copy.bytes = bytes;
  task->u.copy.direction = direction;
  return task;
}

/* Runs a task of the current context now. Engine lock not held. */
static aclError run(sim_task *(*make)(const void *with), const void *with, const char *what) {
  sim_context *context = sim_current();
  if (context == NULL) return ACL_ERROR_RT_CONTEXT_NULL;
  sim_engine_lock();
  aclError error = sim_graph_check_synchronous(what);
  if (error == ACL_SUCCESS) error = sim_copy_alone(context->device, make(with));
  sim_engine_unlock();
  return error;
}

static aclError submit(sim_task *(*make)(const void *with), const void *with, bool pageable, aclrtStream stream) {
  sim_engine_lock();
  aclError error = sim_copy_submit(stream, make(with), pageable);
  sim_engine_unlock();
  return error;
}

/* ---- rows ---- */

/* Limits of CANN's aclrtMemcpy2d. */
#define MOST_WIDTH 5000000u
#define MOST_HEIGHT 5242880u

typedef struct {
  char *to;
  const char *from;
  size_t to_pitch, from_pitch, width, height;
  sim_direction direction;
} rows;

static void move_rows(const sim_task *task) {
  rows r;
  memcpy(&r, task->inline_args, sizeof r);
  for (size_t i = 0; i < r.height; i++) memmove(r.to + i * r.to_pitch, r.from + i * r.from_pitch, r.width);
}

static sim_task *rows_task(const void *with) {
  const rows *r = with;
  sim_task *task = moving(move_rows, (uint64_t)r->width * r->height, r->direction);
  if (task != NULL) memcpy(task->inline_args, r, sizeof *r);
  return task;
}

static aclError check_rows(rows *r, aclrtMemcpyKind kind, bool *pageable) {
  if (kind != ACL_MEMCPY_HOST_TO_DEVICE && kind != ACL_MEMCPY_DEVICE_TO_HOST && kind != ACL_MEMCPY_DEVICE_TO_DEVICE) {
    return sim_fail(ACL_ERROR_INVALID_PARAM, "copy kind %d: rows go between host and device", (int)kind);
  }
  if (r->width == 0 || r->width > MOST_WIDTH || r->height == 0 || r->height > MOST_HEIGHT) {
    return sim_fail(ACL_ERROR_INVALID_PARAM, "%zu rows of %zu bytes: expected up to %u of %u", r->height, r->width, MOST_HEIGHT, MOST_WIDTH);
  }
  if (r->width > r->to_pitch || r->width > r->from_pitch) {
    return sim_fail(ACL_ERROR_INVALID_PARAM, "rows of %zu bytes overlap: they are %zu and %zu apart", r->width, r->to_pitch, r->from_pitch);
  }
  if (r->to_pitch > SIZE_MAX / MOST_HEIGHT || r->from_pitch > SIZE_MAX / MOST_HEIGHT) return sim_fail(ACL_ERROR_INVALID_PARAM, "the rows are too far apart");
  size_t to_bytes = (r->height - 1) * r->to_pitch + r->width, from_bytes = (r->height - 1) * r->from_pitch + r->width;
  sim_copy_plan to, from;
  aclError error = sim_copy_check(r->to, to_bytes, r->from, to_bytes < from_bytes ? to_bytes : from_bytes, kind, &from);
  if (error == ACL_SUCCESS) error = sim_copy_check(r->to, to_bytes, r->to, to_bytes, kind, &to);
  if (error == ACL_SUCCESS) error = sim_copy_check(r->from, from_bytes, r->from, from_bytes, kind, &to);
  if (error == ACL_SUCCESS && from.host_to_host) error = sim_fail(ACL_ERROR_INVALID_PARAM, "neither %p nor %p is device memory", (void *)r->to, (const void *)r->from);
  r->direction = from.direction;
  *pageable = from.pageable;
  return error;
}

aclError sim_aclrtMemcpy2d(void *to, size_t to_pitch, const void *from, size_t from_pitch, size_t width, size_t height, aclrtMemcpyKind kind) {
  rows r = {to, from, to_pitch, from_pitch, width, height, SIM_ON_DEVICE};
  bool pageable = false;
  aclError error = check_rows(&r, kind, &pageable);
  return error == ACL_SUCCESS ? run(rows_task, &r, "aclrtMemcpy2d") : error;
}

aclError sim_aclrtMemcpy2dAsync(void *to, size_t to_pitch, const void *from, size_t from_pitch, size_t width, size_t height,
                                aclrtMemcpyKind kind, aclrtStream stream) {
  if (__builtin_expect(sim_null_mode, 0)) return ACL_SUCCESS;
  rows r = {to, from, to_pitch, from_pitch, width, height, SIM_ON_DEVICE};
  bool pageable = false;
  aclError error = check_rows(&r, kind, &pageable);
  return error == ACL_SUCCESS ? submit(rows_task, &r, pageable, stream) : error;
}

aclError sim_aclrtMemcpyAsyncWithCondition(void *to, size_t room, const void *from, size_t bytes, aclrtMemcpyKind kind, aclrtStream stream) {
  return sim_aclrtMemcpyAsync(to, room, from, bytes, kind, stream);
}

/* ---- several pieces ---- */

/* Of one call, as CANN's driver has it. */
#define MOST_PIECES 4096u

typedef struct {
  void **to;
  void **from;
  size_t *room, *bytes;
  size_t count;
  aclrtMemcpyBatchAttr *attributes;
  size_t *indexes;
  size_t attribute_count;
  sim_direction direction;
  uint64_t sum;
} pieces;

typedef struct {
  void *to;
  const void *from;
  size_t bytes;
} piece;

static void move_pieces(const sim_task *task) {
  const piece *list = task->extra;
  size_t count = 0;
  memcpy(&count, task->inline_args, sizeof count);
  for (size_t i = 0; i < count; i++) memmove(list[i].to, list[i].from, list[i].bytes);
}

static sim_task *pieces_task(const void *with) {
  const pieces *p = with;
  piece *list = malloc(p->count * sizeof *list);
  sim_task *task = list != NULL ? moving(move_pieces, p->sum, p->direction) : NULL;
  if (task == NULL) {
    free(list);
    return NULL;
  }
  for (size_t i = 0; i < p->count; i++) list[i] = (piece){p->to[i], p->from[i], p->bytes[i]};
  task->extra = list;
  memcpy(task->inline_args, &p->count, sizeof p->count);
  return task;
}

static bool is_there(const void *address, size_t bytes, const aclrtMemLocation *location) {
  sim_place place = sim_memory_place(address, bytes);
  if (location->type == ACL_MEM_LOCATION_TYPE_DEVICE) return place == SIM_PLACE_DEVICE;
  return place == SIM_PLACE_PINNED || place == SIM_PLACE_HOST;
}

/* Every piece is where its attribute says, and all go one way. */
static aclError check_pieces(pieces *p, size_t *failed, bool *pageable) {
  if (p->count == 0 || p->count > MOST_PIECES) return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "%zu copies: expected 1 to %u", p->count, MOST_PIECES);
  if (p->attribute_count == 0 || p->attribute_count > p->count || p->indexes[0] != 0) {
    return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "%zu attributes of %zu copies, from copy %zu", p->attribute_count, p->count, p->indexes[0]);
  }
  for (size_t i = 1; i < p->attribute_count; i++) {
    if (p->indexes[i] <= p->indexes[i - 1] || p->indexes[i] >= p->count) return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "attribute %zu begins at copy %zu", i, p->indexes[i]);
  }
  for (size_t i = 0, k = 0; i < p->count; i++) {
    while (k + 1 < p->attribute_count && p->indexes[k + 1] <= i) k++;
    const aclrtMemcpyBatchAttr *attribute = &p->attributes[k];
    *failed = i;
    sim_copy_plan plan = {0};
    if (p->to[i] == NULL || p->from[i] == NULL) return sim_fail(ACL_ERROR_INVALID_PARAM, "copy %zu has an address that is NULL", i);
    aclError error = sim_copy_check(p->to[i], p->room[i], p->from[i], p->bytes[i], ACL_MEMCPY_DEFAULT, &plan);
    if (error != ACL_SUCCESS) return error;
    if (!is_there(p->to[i], p->bytes[i], &attribute->dstLoc) || !is_there(p->from[i], p->bytes[i], &attribute->srcLoc)) {
      return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "copy %zu is not between the places of its attribute", i);
    }
    if (plan.host_to_host || plan.direction == SIM_ON_DEVICE) return sim_fail(ACL_ERROR_RT_FEATURE_NOT_SUPPORT, "copy %zu is not between host and device", i);
    if (i > 0 && plan.direction != p->direction) return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "copy %zu goes the other way", i);
    p->direction = plan.direction;
    p->sum += p->bytes[i];
    *pageable = *pageable || plan.pageable;
  }
  *failed = SIZE_MAX;
  return ACL_SUCCESS;
}

aclError sim_aclrtMemcpyBatch(void **to, size_t *room, void **from, size_t *bytes, size_t count, aclrtMemcpyBatchAttr *attributes,
                              size_t *indexes, size_t attribute_count, size_t *failed) {
  pieces p = {to, from, room, bytes, count, attributes, indexes, attribute_count, SIM_TO_DEVICE, 0};
  bool pageable = false;
  *failed = SIZE_MAX;
  aclError error = check_pieces(&p, failed, &pageable);
  return error == ACL_SUCCESS ? run(pieces_task, &p, "aclrtMemcpyBatch") : error;
}

aclError sim_aclrtMemcpyBatchV2(void **to, size_t *room, void **from, size_t *bytes, size_t count, aclrtMemcpyBatchAttr *attributes,
                                size_t *indexes, size_t attribute_count) {
  size_t failed;
  return sim_aclrtMemcpyBatch(to, room, from, bytes, count, attributes, indexes, attribute_count, &failed);
}

aclError sim_aclrtMemcpyBatchAsync(void **to, size_t *room, void **from, size_t *bytes, size_t count, aclrtMemcpyBatchAttr *attributes,
                                   size_t *indexes, size_t attribute_count, size_t *failed, aclrtStream stream) {
  pieces p = {to, from, room, bytes, count, attributes, indexes, attribute_count, SIM_TO_DEVICE, 0};
  bool pageable = false;
  *failed = SIZE_MAX;
  if (__builtin_expect(sim_null_mode, 0)) return ACL_SUCCESS;
  aclError error = check_pieces(&p, failed, &pageable);
  return error == ACL_SUCCESS ? submit(pieces_task, &p, pageable, stream) : error;
}

aclError sim_aclrtMemcpyBatchAsyncV2(void **to, size_t *room, void **from, size_t *bytes, size_t count, aclrtMemcpyBatchAttr *attributes,
                                     size_t *indexes, size_t attribute_count, aclrtStream stream) {
  size_t failed;
  return sim_aclrtMemcpyBatchAsync(to, room, from, bytes, count, attributes, indexes, attribute_count, &failed, stream);
}

/* ---- descriptions in device memory, read when the copy runs ---- */

#define DESCRIPTION_MAGIC 0x637365642d6d6973u /* "sim-desc" */

typedef struct {
  uint64_t magic;
  void *to;
  const void *from;
  uint64_t bytes;
} description;

static aclError check_description(const void *at, aclrtMemcpyKind kind) {
  if (kind != ACL_MEMCPY_INNER_DEVICE_TO_DEVICE) return sim_fail(ACL_ERROR_RT_FEATURE_NOT_SUPPORT, "copy kind %d: described copies stay on a device", (int)kind);
  if (at != NULL && sim_memory_place(at, sizeof(description)) != SIM_PLACE_DEVICE) return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "%p is no device memory", at);
  return ACL_SUCCESS;
}

aclError sim_aclrtGetMemcpyDescSize(aclrtMemcpyKind kind, size_t *bytes) {
  aclError error = check_description(NULL, kind);
  if (error == ACL_SUCCESS) *bytes = sizeof(description);
  return error;
}

aclError sim_aclrtSetMemcpyDesc(void *at, aclrtMemcpyKind kind, void *from, void *to, size_t bytes, void *config) {
  if (config != NULL) return sim_fail(ACL_ERROR_INVALID_PARAM, "config has to be NULL");
  aclError error = check_description(at, kind);
  if (error != ACL_SUCCESS) return error;
  description d = {DESCRIPTION_MAGIC, to, from, bytes};
  return sim_aclrtMemcpy(at, sizeof d, &d, sizeof d, ACL_MEMCPY_HOST_TO_DEVICE);
}

static void move_described(const sim_task *task) {
  description d;
  memcpy(&d, task->u.copy.from, sizeof d);
  sim_copy_plan plan = {0};
  if (d.magic == DESCRIPTION_MAGIC && sim_copy_check(d.to, d.bytes, d.from, d.bytes, ACL_MEMCPY_DEFAULT, &plan) == ACL_SUCCESS) memmove(d.to, d.from, d.bytes);
}

static sim_task *described_task(const void *at) {
  description d;
  memcpy(&d, at, sizeof d); /* as much as is known now of how long it takes */
  sim_task *task = moving(move_described, d.magic == DESCRIPTION_MAGIC ? d.bytes : 0, SIM_ON_DEVICE);
  if (task != NULL) task->u.copy.from = at;
  return task;
}

aclError sim_aclrtMemcpyAsyncWithDesc(void *at, aclrtMemcpyKind kind, aclrtStream stream) {
  if (__builtin_expect(sim_null_mode, 0)) return ACL_SUCCESS;
  aclError error = check_description(at, kind);
  return error == ACL_SUCCESS ? submit(described_task, at, false, stream) : error;
}

/* ---- addresses in device memory, read when the copy runs ---- */

/* As far as an offset may be. */
#define MOST_OFFSET 0xffffffffffffull

typedef struct {
  void *const *to;
  const void *const *from;
  size_t to_offset, from_offset, bytes;
} offsets;

static void move_offsets(const sim_task *task) {
  offsets o;
  memcpy(&o, task->inline_args, sizeof o);
  char *to = *(char *const *)o.to + o.to_offset;
  const char *from = *(const char *const *)o.from + o.from_offset;
  sim_copy_plan plan = {0};
  if (sim_copy_check(to, o.bytes, from, o.bytes, ACL_MEMCPY_DEFAULT, &plan) == ACL_SUCCESS) memmove(to, from, o.bytes);
}

static sim_task *offsets_task(const void *with) {
  const offsets *o = with;
  sim_task *task = moving(move_offsets, o->bytes, SIM_ON_DEVICE);
  if (task != NULL) memcpy(task->inline_args, o, sizeof *o);
  return task;
}

aclError sim_aclrtMemcpyAsyncWithOffset(void **to, size_t room, size_t to_offset, const void **from, size_t bytes, size_t from_offset,
                                        aclrtMemcpyKind kind, aclrtStream stream) {
  if (bytes == 0) return ACL_SUCCESS;
  if (kind != ACL_MEMCPY_INNER_DEVICE_TO_DEVICE) return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "copy kind %d: copies by address stay on a device", (int)kind);
  if (to_offset > MOST_OFFSET || from_offset > MOST_OFFSET || to_offset >= room || bytes > room - to_offset) {
    return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "%zu bytes at %zu do not fit the %zu bytes of the destination", bytes, to_offset, room);
  }
  if (sim_memory_place(to, sizeof *to) != SIM_PLACE_DEVICE || sim_memory_place(from, sizeof *from) != SIM_PLACE_DEVICE) {
    return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "the addresses are not in device memory");
  }
  if (__builtin_expect(sim_null_mode, 0)) return ACL_SUCCESS;
  offsets o = {to, from, to_offset, from_offset, bytes};
  return submit(offsets_task, &o, false, stream);
}

/* ---- fills in words ---- */

typedef struct {
  void *to;
  uint32_t value;
  size_t count;
} words;

static void fill_words(const sim_task *task) {
  words w;
  memcpy(&w, task->inline_args, sizeof w);
  uint32_t *to = w.to;
  for (size_t i = 0; i < w.count; i++) to[i] = w.value;
}

static sim_task *words_task(const void *with) {
  const words *w = with;
  sim_task *task = moving(fill_words, (uint64_t)w->count * sizeof w->value, SIM_ON_DEVICE);
  if (task != NULL) memcpy(task->inline_args, w, sizeof *w);
  return task;
}

static aclError check_words(const words *w, size_t room) {
  if (w->count == 0) return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "a fill of 0 words");
  if (w->count > room / sizeof w->value) return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "%zu words do not fit the %zu bytes of the destination", w->count, room);
  if ((uintptr_t)w->to % sizeof w->value != 0) return sim_fail(ACL_ERROR_RT_ADDR_UNALIGNED, "%p is not aligned to 4", w->to);
  if (sim_memory_place(w->to, w->count * sizeof w->value) == SIM_PLACE_DEVICE) return ACL_SUCCESS;
  return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "%zu words at %p are not all device memory", w->count, w->to);
}

aclError sim_aclrtMemsetD32(void *to, size_t room, uint32_t value, size_t count) {
  words w = {to, value, count};
  aclError error = check_words(&w, room);
  return error == ACL_SUCCESS ? run(words_task, &w, "aclrtMemsetD32") : error;
}

aclError sim_aclrtMemsetD32Async(void *to, size_t room, uint32_t value, size_t count, aclrtStream stream) {
  if (__builtin_expect(sim_null_mode, 0)) return ACL_SUCCESS;
  words w = {to, value, count};
  aclError error = check_words(&w, room);
  return error == ACL_SUCCESS ? submit(words_task, &w, false, stream) : error;
}
