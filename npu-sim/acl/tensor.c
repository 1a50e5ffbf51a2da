/*
 * Descriptions of tensors: host objects, of no device. Shape and format as the model has them, and those in memory beside
 * them; with CANN's answers to what is out of range.
 */
#include <stdlib.h>
#include <string.h>

#include "sim.h"

/* A first dimension of this value: not even the number of dimensions is known. */
#define UNKNOWN_RANK (-2)

typedef struct sim_list {
  int64_t *values;
  size_t count;
} sim_list;

struct aclTensorDesc {
  aclDataType type;
  aclFormat format, storage_format;
  sim_list dims, storage_dims;
  sim_list shape_range, value_range; /* pairs */
  aclMemType place;
  void *constant;
  char *name, *dynamic_input;
};

/* Replaces a list by a copy; false where there is no memory. */
static bool set_list(sim_list *list, const int64_t *values, size_t count) {
  int64_t *copy = NULL;
  if (count > 0) {
    if (values == NULL || (copy = malloc(count * sizeof *copy)) == NULL) return false;
    memcpy(copy, values, count * sizeof *copy);
  }
  free(list->values);
  *list = (sim_list){.values = copy, .count = count};
  return true;
}

static aclError set_dims(sim_list *list, int count, const int64_t *dims) {
  if (count < 0) count = 0;
  return set_list(list, dims, (size_t)count) ? ACL_SUCCESS : sim_fail(ACL_ERROR_INVALID_PARAM, "no shape of %d dimensions", count);
}

static aclError set_text(char **text, const char *value) {
  char *copy = strdup(value != NULL ? value : "");
  if (copy == NULL) return sim_fail(ACL_ERROR_BAD_ALLOC, "no memory for a name");
  free(*text);
  *text = copy;
  return ACL_SUCCESS;
}

aclTensorDesc *sim_aclCreateTensorDesc(aclDataType type, int num_dims, const int64_t *dims, aclFormat format) {
  if (num_dims < 0 || (num_dims > 0 && dims == NULL)) {
    (void)npu_sim_note_error(sim_fail(ACL_ERROR_INVALID_PARAM, "no shape of %d dimensions", num_dims));
    return NULL;
  }
  aclTensorDesc *desc = calloc(1, sizeof *desc);
  if (desc == NULL) return NULL;
  desc->type = type;
  desc->format = format;
  desc->storage_format = ACL_FORMAT_UNDEFINED;
  if (set_list(&desc->dims, dims, (size_t)num_dims)) return desc;
  free(desc);
  return NULL;
}

void sim_aclDestroyTensorDesc(const aclTensorDesc *given) {
  aclTensorDesc *desc = (aclTensorDesc *)(uintptr_t)given;
  if (desc == NULL) return;
  free(desc->dims.values);
  free(desc->storage_dims.values);
  free(desc->shape_range.values);
  free(desc->value_range.values);
  free(desc->constant);
  free(desc->name);
  free(desc->dynamic_input);
  free(desc);
}

aclError sim_aclSetTensorShapeRange(aclTensorDesc *desc, size_t count, int64_t (*range)[2]) {
  if (set_list(&desc->shape_range, count > 0 ? range[0] : NULL, 2 * count)) return ACL_SUCCESS;
  return sim_fail(ACL_ERROR_BAD_ALLOC, "no memory for the range of a shape");
}

aclError sim_aclSetTensorValueRange(aclTensorDesc *desc, size_t count, int64_t (*range)[2]) {
  if (set_list(&desc->value_range, count > 0 ? range[0] : NULL, 2 * count)) return ACL_SUCCESS;
  return sim_fail(ACL_ERROR_BAD_ALLOC, "no memory for the range of values");
}

aclDataType sim_aclGetTensorDescType(const aclTensorDesc *desc) { return desc != NULL ? desc->type : ACL_DT_UNDEFINED; }
aclFormat sim_aclGetTensorDescFormat(const aclTensorDesc *desc) {
  return desc != NULL ? desc->format : ACL_FORMAT_UNDEFINED;
}

size_t sim_aclGetTensorDescElementCount(const aclTensorDesc *desc) {
  size_t elements = desc != NULL;
  for (size_t i = 0; desc != NULL && i < desc->dims.count; i++) {
    if (desc->dims.values[i] < 0 || __builtin_mul_overflow(elements, (size_t)desc->dims.values[i], &elements)) return 0;
  }
  return elements;
}

size_t sim_aclGetTensorDescSize(const aclTensorDesc *desc) {
  size_t bytes = 0;
  if (desc == NULL) return 0;
  return __builtin_mul_overflow(sim_aclGetTensorDescElementCount(desc), sim_aclDataTypeSize(desc->type), &bytes) ? 0 : bytes;
}

size_t sim_aclGetTensorDescNumDims(const aclTensorDesc *desc) {
  if (desc == NULL) return 0;
  return desc->dims.count > 0 && desc->dims.values[0] == UNKNOWN_RANK ? (size_t)ACL_UNKNOWN_RANK : desc->dims.count;
}

int64_t sim_aclGetTensorDescDim(const aclTensorDesc *desc, size_t index) {
  return desc != NULL && index < desc->dims.count ? desc->dims.values[index] : -1;
}

aclError sim_aclGetTensorDescDimV2(const aclTensorDesc *desc, size_t index, int64_t *size) {
  if (index >= desc->dims.count)
    return sim_fail(ACL_ERROR_INVALID_PARAM, "dimension %zu of %zu", index, desc->dims.count);
  *size = desc->dims.values[index];
  return ACL_SUCCESS;
}

aclError sim_aclGetTensorDescDimRange(const aclTensorDesc *desc, size_t index, size_t room, int64_t *range) {
  if (index >= desc->shape_range.count / 2 || room < 2)
    return sim_fail(ACL_ERROR_INVALID_PARAM, "range %zu of %zu into %zu numbers", index, desc->shape_range.count / 2, room);
  memcpy(range, desc->shape_range.values + 2 * index, 2 * sizeof *range);
  return ACL_SUCCESS;
}

void sim_aclSetTensorDescName(aclTensorDesc *desc, const char *name) {
  if (desc != NULL) (void)set_text(&desc->name, name);
}

const char *sim_aclGetTensorDescName(aclTensorDesc *desc) { return desc != NULL && desc->name != NULL ? desc->name : ""; }

/* CANN refuses it as well. */
aclError sim_aclTransTensorDescFormat(const aclTensorDesc *from, aclFormat format, aclTensorDesc **to) {
  (void)from;
  (void)format;
  (void)to;
  return sim_fail(ACL_ERROR_API_NOT_SUPPORT, "aclTransTensorDescFormat is no more");
}

aclError sim_aclSetTensorFormat(aclTensorDesc *desc, aclFormat format) {
  if (desc != NULL) desc->storage_format = format;
  return ACL_SUCCESS;
}

aclError sim_aclSetTensorStorageFormat(aclTensorDesc *desc, aclFormat format) { return sim_aclSetTensorFormat(desc, format); }

aclError sim_aclSetTensorOriginFormat(aclTensorDesc *desc, aclFormat format) {
  if (desc != NULL) desc->format = format;
  return ACL_SUCCESS;
}

aclError sim_aclSetTensorShape(aclTensorDesc *desc, int num_dims, const int64_t *dims) {
  return set_dims(&desc->storage_dims, num_dims, dims);
}

aclError sim_aclSetTensorStorageShape(aclTensorDesc *desc, int num_dims, const int64_t *dims) {
  return sim_aclSetTensorShape(desc, num_dims, dims);
}

aclError sim_aclSetTensorOriginShape(aclTensorDesc *desc, int num_dims, const int64_t *dims) {
  return set_dims(&desc->dims, num_dims, dims);
}

/* Lists of descriptions come from models only, which are not simulated: a description is a list of one. */
aclTensorDesc *sim_aclGetTensorDescByIndex(aclTensorDesc *desc, size_t index) { return index == 0 ? desc : NULL; }

void *sim_aclGetTensorDescAddress(const aclTensorDesc *desc) {
  (void)desc;
  return NULL; /* only descriptions of a model's operators have an address */
}

aclError sim_aclSetTensorDynamicInput(aclTensorDesc *desc, const char *name) { return set_text(&desc->dynamic_input, name); }

aclError sim_aclSetTensorConst(aclTensorDesc *desc, void *data, size_t length) {
  if (length == 0) return sim_fail(ACL_ERROR_INVALID_PARAM, "a constant of no bytes");
  void *copy = malloc(length);
  if (copy == NULL) return sim_fail(ACL_ERROR_BAD_ALLOC, "no memory for a constant of %zu bytes", length);
  memcpy(copy, data, length);
  free(desc->constant);
  desc->constant = copy;
  return ACL_SUCCESS;
}

aclError sim_aclSetTensorPlaceMent(aclTensorDesc *desc, aclMemType place) {
  desc->place = place;
  return ACL_SUCCESS;
}
