/* Labels and their lists: made and ended; graph_build.c sets them and jumps to them. */
#include "labels.h"

#include <stdlib.h>

#include "engine.h"
#include "graph.h"

static sim_slab labels = SIM_SLAB(sim_label, SIM_LABELS);
static sim_slab lists = SIM_SLAB(sim_label_list, SIM_LABELS);

sim_label *sim_label_of(aclrtLabel handle, aclError *error) {
  sim_label *label = sim_slab_find(&labels, handle);
  if (label == NULL) *error = sim_fail(ACL_ERROR_RT_INVALID_HANDLE, "%p is no label", handle);
  return label;
}

sim_label_list *sim_label_list_of(aclrtLabelList handle, aclError *error) {
  sim_label_list *list = sim_slab_find(&lists, handle);
  if (list == NULL) *error = sim_fail(ACL_ERROR_RT_INVALID_HANDLE, "%p is no list of labels", handle);
  return list;
}

aclError sim_aclrtCreateLabel(aclrtLabel *handle) {
  if (sim_current() == NULL) return ACL_ERROR_RT_CONTEXT_NULL;
  sim_engine_lock();
  sim_label *label = sim_slab_take(&labels);
  sim_engine_unlock();
  if (label == NULL) return sim_fail(ACL_ERROR_RT_RESOURCE_ALLOC_FAIL, "no room for another label");
  *handle = label;
  return ACL_SUCCESS;
}

aclError sim_aclrtDestroyLabel(aclrtLabel handle) {
  sim_engine_lock();
  aclError error = ACL_SUCCESS;
  sim_label *label = sim_label_of(handle, &error);
  if (label != NULL) {
    /* A task that jumps here finds that it is not set. */
    if (label->set) sim_graph_release(label->program);
    label->set = false;
    sim_slab_give(&labels, label);
  }
  sim_engine_unlock();
  return error;
}

aclError sim_aclrtCreateLabelList(aclrtLabel *handles, size_t count, aclrtLabelList *handle) {
  if (count == 0 || count > SIM_LABELS) return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "a list of %zu labels", count);
  sim_engine_lock();
  aclError error = ACL_SUCCESS;
  sim_label **copy = malloc(count * sizeof *copy);
  if (copy == NULL) error = sim_fail(ACL_ERROR_RT_MEMORY_ALLOCATION, "no host memory for a list of labels");
  for (size_t i = 0; i < count && error == ACL_SUCCESS; i++) copy[i] = sim_label_of(handles[i], &error);
  sim_label_list *list = error == ACL_SUCCESS ? sim_slab_take(&lists) : NULL;
  if (list != NULL) {
    list->count = (uint32_t)count;
    list->labels = copy;
    *handle = list;
  } else {
    free(copy);
    if (error == ACL_SUCCESS) error = sim_fail(ACL_ERROR_RT_RESOURCE_ALLOC_FAIL, "no room for another list of labels");
  }
  sim_engine_unlock();
  return error;
}

aclError sim_aclrtDestroyLabelList(aclrtLabelList handle) {
  sim_engine_lock();
  aclError error = ACL_SUCCESS;
  sim_label_list *list = sim_label_list_of(handle, &error);
  if (list != NULL) {
    free(list->labels);
    sim_slab_give(&lists, list);
  }
  sim_engine_unlock();
  return error;
}
