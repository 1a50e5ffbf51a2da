/*
 * Several copies in one call: checked as a whole, as AscendCL does, and then made one by one, in their order. A copy
 * goes between host and device, all of them one way.
 */
#include "boot/counters.h"
#include "remote/copy.h"
#include "remote/error.h"
#include "remote/memory.h"
#include "remote/streams.h"
#include "remote_client.h"

/* Of one call, as CANN's driver has it. */
#define MOST_PIECES 4096u

typedef struct pieces {
  void **to;
  size_t *room;
  void **from;
  size_t *bytes, count;
  const aclrtMemcpyBatchAttr *attributes;
  const size_t *indexes;
  size_t attribute_count;
  aclrtMemcpyKind kind;
} pieces;

static aclError check_lists(const pieces *p) {
  if (p->to == NULL || p->room == NULL || p->from == NULL || p->bytes == NULL || p->attributes == NULL || p->indexes == NULL)
    return fx_remote_no_pointer();
  if (p->count == 0 || p->count > MOST_PIECES)
    return fx_remote_fail(ACL_ERROR_RT_PARAM_INVALID, "%zu copies: expected 1 to %u", p->count, MOST_PIECES);
  if (p->attribute_count == 0 || p->attribute_count > p->count || p->indexes[0] != 0)
    return fx_remote_fail(ACL_ERROR_RT_PARAM_INVALID, "%zu attributes of %zu copies, from copy %zu", p->attribute_count, p->count, p->indexes[0]);
  for (size_t i = 1; i < p->attribute_count; i++)
    if (p->indexes[i] <= p->indexes[i - 1] || p->indexes[i] >= p->count)
      return fx_remote_fail(ACL_ERROR_RT_PARAM_INVALID, "attribute %zu begins at copy %zu", i, p->indexes[i]);
  return ACL_SUCCESS;
}

static aclError check_piece(const pieces *p, size_t i, const aclrtMemcpyBatchAttr *attribute, aclrtMemcpyKind *kind) {
  fx_side to = {p->to[i], p->bytes[i]}, from = {p->from[i], p->bytes[i]};
  if (to.address == NULL || from.address == NULL) return fx_remote_fail(ACL_ERROR_INVALID_PARAM, "copy %zu has an address that is NULL", i);
  if (to.bytes > p->room[i]) return fx_remote_fail(ACL_ERROR_RT_PARAM_INVALID, "copy %zu: %zu bytes do not fit %zu", i, to.bytes, p->room[i]);
  bool to_device = fx_device_memory_holds(to.address, to.bytes), from_device = fx_device_memory_holds(from.address, from.bytes);
  if (to_device != (attribute->dstLoc.type == ACL_MEM_LOCATION_TYPE_DEVICE) || from_device != (attribute->srcLoc.type == ACL_MEM_LOCATION_TYPE_DEVICE))
    return fx_remote_fail(ACL_ERROR_RT_PARAM_INVALID, "copy %zu is not between the places of its attribute", i);
  if (to_device == from_device) return fx_remote_fail(ACL_ERROR_RT_FEATURE_NOT_SUPPORT, "copy %zu is not between host and device", i);
  *kind = to_device ? ACL_MEMCPY_HOST_TO_DEVICE : ACL_MEMCPY_DEVICE_TO_HOST;
  return ACL_SUCCESS;
}

static aclError check(pieces *p, size_t *failed) {
  *failed = SIZE_MAX;
  aclError error = check_lists(p);
  for (size_t i = 0, k = 0; i < p->count && error == ACL_SUCCESS; i++) {
    aclrtMemcpyKind kind = ACL_MEMCPY_DEFAULT;
    while (k + 1 < p->attribute_count && p->indexes[k + 1] <= i) k++;
    error = check_piece(p, i, &p->attributes[k], &kind);
    if (error == ACL_SUCCESS && i > 0 && kind != p->kind) error = fx_remote_fail(ACL_ERROR_RT_PARAM_INVALID, "copy %zu goes the other way", i);
    p->kind = kind;
    if (error != ACL_SUCCESS) *failed = i;
  }
  return error;
}

static aclError make(pieces *p, size_t *failed) {
  aclError error = check(p, failed);
  if (error == ACL_SUCCESS) error = fx_context_check();
  for (size_t i = 0; i < p->count && error == ACL_SUCCESS; i++)
    error = fx_remote_aclrtMemcpy(p->to[i], p->room[i], p->from[i], p->bytes[i], p->kind);
  return error;
}

static aclError issue(pieces *p, size_t *failed, aclrtStream stream) {
  aclError error = check(p, failed);
  if (error == ACL_SUCCESS) error = fx_stream_resolve(&stream);
  for (size_t i = 0; i < p->count && error == ACL_SUCCESS; i++)
    error = fx_remote_aclrtMemcpyAsync(p->to[i], p->room[i], p->from[i], p->bytes[i], p->kind, stream);
  return error;
}

#define PIECES {dsts, destMaxs, srcs, sizes, numBatches, attrs, attrsIndexes, numAttrs, ACL_MEMCPY_DEFAULT}

aclError fx_remote_aclrtMemcpyBatch(void **dsts, size_t *destMaxs, void **srcs, size_t *sizes, size_t numBatches,
                                    aclrtMemcpyBatchAttr *attrs, size_t *attrsIndexes, size_t numAttrs, size_t *failIndex) {
  pieces p = PIECES;
  if (failIndex == NULL) return fx_remote_no_pointer();
  return make(&p, failIndex);
}

aclError fx_remote_aclrtMemcpyBatchV2(void **dsts, size_t *destMaxs, void **srcs, size_t *sizes, size_t numBatches,
                                      aclrtMemcpyBatchAttr *attrs, size_t *attrsIndexes, size_t numAttrs) {
  pieces p = PIECES;
  size_t failed;
  return make(&p, &failed);
}

aclError fx_remote_aclrtMemcpyBatchAsync(void **dsts, size_t *destMaxs, void **srcs, size_t *sizes, size_t numBatches,
                                         aclrtMemcpyBatchAttr *attrs, size_t *attrsIndexes, size_t numAttrs, size_t *failIndex,
                                         aclrtStream stream) {
  pieces p = PIECES;
  if (failIndex == NULL) return fx_remote_no_pointer();
  return issue(&p, failIndex, stream);
}

aclError fx_remote_aclrtMemcpyBatchAsyncV2(void **dsts, size_t *destMaxs, void **srcs, size_t *sizes, size_t numBatches,
                                           aclrtMemcpyBatchAttr *attrs, size_t *attrsIndexes, size_t numAttrs,
                                           aclrtStream stream) {
  pieces p = PIECES;
  size_t failed;
  return issue(&p, &failed, stream);
}
