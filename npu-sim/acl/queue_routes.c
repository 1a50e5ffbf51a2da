/*
 * Descriptions of queues and of ways between them, which are the program's, and the ways that are bound: what comes into a
 * queue goes on to every queue that a way leads to, when all of them have room. All of them see the same data.
 */
#include <stdlib.h>
#include <string.h>

#include "queues.h"
#include "slab.h"

#define DEFAULT_DEPTH 2u
/* A queue's least and greatest depth; it holds its places from the beginning. */
#define MOST_DEPTH (1u << 20)

struct tagMemQueueAttr {
  sim_slot slot;
  sim_queue_settings settings;
};

struct acltdtQueueRoute {
  sim_slot slot;
  uint32_t from, to;
  int32_t status; /* ACL_TDT_QUEUE_ROUTE_UNBIND and its kin */
};

struct acltdtQueueRouteList {
  sim_slot slot;
  acltdtQueueRoute *routes;
  size_t count, size;
};

struct acltdtQueueRouteQueryInfo {
  sim_slot slot;
  uint32_t mode, from, to;
  bool has_mode, has_from, has_to;
};

static sim_slab attrs = SIM_SLAB(acltdtQueueAttr, 8192), routes = SIM_SLAB(acltdtQueueRoute, 65536);
static sim_slab lists = SIM_SLAB(acltdtQueueRouteList, 8192), infos = SIM_SLAB(acltdtQueueRouteQueryInfo, 8192);

/* Bound, in the order of their binding. */
static acltdtQueueRouteList bound;

/* One of the program's descriptions; NULL with an error where it is none. */
static void *described(const sim_slab *slab, const void *handle, aclError *error) {
  void *found = sim_slab_find(slab, handle);
  *error = found != NULL ? ACL_SUCCESS : sim_fail(ACL_ERROR_INVALID_PARAM, "%p is no such description", handle);
  return found;
}

static void *make(sim_slab *slab) {
  sim_queues_lock();
  void *made = sim_slab_take(slab);
  sim_queues_unlock();
  return made;
}

static aclError end(sim_slab *slab, const void *handle) {
  aclError error;
  sim_queues_lock();
  void *found = described(slab, handle, &error);
  if (found != NULL && slab == &lists) free(((acltdtQueueRouteList *)found)->routes);
  if (found != NULL) sim_slab_give(slab, found);
  sim_queues_unlock();
  return error;
}

static bool add(acltdtQueueRouteList *list, acltdtQueueRoute route) {
  if (list->count == list->size) {
    size_t more = list->size == 0 ? 8 : 2 * list->size;
    acltdtQueueRoute *larger = realloc(list->routes, more * sizeof *larger);
    if (larger == NULL) return false;
    list->routes = larger;
    list->size = more;
  }
  list->routes[list->count++] = route;
  return true;
}

static aclError wrong_size(size_t bytes, size_t wanted) {
  return sim_fail(ACL_ERROR_INVALID_PARAM, "the value has %zu bytes, not %zu", bytes, wanted);
}

/* ---- settings of a queue ---- */

const sim_queue_settings *sim_queue_settings_of(const void *attr) {
  const acltdtQueueAttr *found = sim_slab_find(&attrs, attr);
  return found != NULL ? &found->settings : NULL;
}

acltdtQueueAttr *sim_acltdtCreateQueueAttr(void) {
  acltdtQueueAttr *attr = make(&attrs);
  if (attr != NULL) attr->settings.depth = DEFAULT_DEPTH;
  return attr;
}

aclError sim_acltdtDestroyQueueAttr(const acltdtQueueAttr *attr) { return end(&attrs, attr); }

static aclError set_name(sim_queue_settings *settings, const char *name) {
  size_t length = name != NULL ? strnlen(name, sizeof settings->name) : 0;
  if (name == NULL || length == sizeof settings->name)
    return sim_fail(ACL_ERROR_INVALID_PARAM, "a queue's name has at most %zu bytes", sizeof settings->name - 1);
  memcpy(settings->name, name, length + 1);
  return ACL_SUCCESS;
}

aclError sim_acltdtSetQueueAttr(acltdtQueueAttr *attr, acltdtQueueAttrType type, size_t bytes, const void *param) {
  aclError error;
  sim_queues_lock();
  acltdtQueueAttr *found = described(&attrs, attr, &error);
  size_t wanted = type == ACL_TDT_QUEUE_NAME_PTR ? sizeof(char *) : sizeof(uint32_t);
  if (found != NULL && type != ACL_TDT_QUEUE_NAME_PTR && type != ACL_TDT_QUEUE_DEPTH_UINT32) {
    error = sim_fail(ACL_ERROR_INVALID_PARAM, "attribute %d of a queue is not known", (int)type);
  } else if (found != NULL && bytes != wanted) {
    error = wrong_size(bytes, wanted);
  } else if (found != NULL && type == ACL_TDT_QUEUE_NAME_PTR) {
    error = set_name(&found->settings, *(const char *const *)param);
  } else if (found != NULL) {
    uint32_t depth = *(const uint32_t *)param;
    if (depth == 0 || depth > MOST_DEPTH) error = sim_fail(ACL_ERROR_INVALID_PARAM, "depth %u: expected 1 to %u", depth, MOST_DEPTH);
    else found->settings.depth = depth;
  }
  sim_queues_unlock();
  return error;
}

/* Copies a value out where there is room for it. */
static aclError give(const void *value, size_t value_bytes, size_t bytes, size_t *given, void *param) {
  if (bytes < value_bytes) return wrong_size(bytes, value_bytes);
  memcpy(param, value, value_bytes);
  *given = value_bytes;
  return ACL_SUCCESS;
}

aclError sim_acltdtGetQueueAttr(const acltdtQueueAttr *attr, acltdtQueueAttrType type, size_t bytes, size_t *given, void *param) {
  aclError error;
  sim_queues_lock();
  const acltdtQueueAttr *found = described(&attrs, attr, &error);
  if (found != NULL && type == ACL_TDT_QUEUE_NAME_PTR) {
    const char *name = found->settings.name;
    error = give(&name, sizeof name, bytes, given, param);
  } else if (found != NULL && type == ACL_TDT_QUEUE_DEPTH_UINT32) {
    error = give(&found->settings.depth, sizeof found->settings.depth, bytes, given, param);
  } else if (found != NULL) {
    error = sim_fail(ACL_ERROR_INVALID_PARAM, "attribute %d of a queue is not known", (int)type);
  }
  sim_queues_unlock();
  return error;
}

/* ---- descriptions of ways ---- */

acltdtQueueRoute *sim_acltdtCreateQueueRoute(uint32_t from, uint32_t to) {
  acltdtQueueRoute *route = make(&routes);
  if (route == NULL) return NULL;
  route->from = from;
  route->to = to;
  return route;
}

aclError sim_acltdtDestroyQueueRoute(const acltdtQueueRoute *route) { return end(&routes, route); }

aclError sim_acltdtGetQueueRouteParam(const acltdtQueueRoute *route, acltdtQueueRouteParamType type, size_t bytes, size_t *given, void *param) {
  aclError error;
  sim_queues_lock();
  const acltdtQueueRoute *found = described(&routes, route, &error);
  if (found != NULL) {
    switch (type) {
      case ACL_TDT_QUEUE_ROUTE_SRC_UINT32: error = give(&found->from, sizeof found->from, bytes, given, param); break;
      case ACL_TDT_QUEUE_ROUTE_DST_UINT32: error = give(&found->to, sizeof found->to, bytes, given, param); break;
      case ACL_TDT_QUEUE_ROUTE_STATUS_INT32: error = give(&found->status, sizeof found->status, bytes, given, param); break;
      default: error = sim_fail(ACL_ERROR_INVALID_PARAM, "parameter %d of a way is not known", (int)type); break;
    }
  }
  sim_queues_unlock();
  return error;
}

acltdtQueueRouteList *sim_acltdtCreateQueueRouteList(void) { return make(&lists); }
aclError sim_acltdtDestroyQueueRouteList(const acltdtQueueRouteList *list) { return end(&lists, list); }

aclError sim_acltdtAddQueueRoute(acltdtQueueRouteList *list, const acltdtQueueRoute *route) {
  aclError error;
  sim_queues_lock();
  acltdtQueueRouteList *to = described(&lists, list, &error);
  const acltdtQueueRoute *found = to != NULL ? described(&routes, route, &error) : NULL;
  if (found != NULL && !add(to, *found)) error = sim_fail(ACL_ERROR_RT_MEMORY_ALLOCATION, "no memory for a list of ways");
  sim_queues_unlock();
  return error;
}

/* A copy: changes of the list's own come with the next one. */
aclError sim_acltdtGetQueueRoute(const acltdtQueueRouteList *list, size_t index, acltdtQueueRoute *route) {
  aclError error;
  sim_queues_lock();
  const acltdtQueueRouteList *from = described(&lists, list, &error);
  acltdtQueueRoute *to = from != NULL ? described(&routes, route, &error) : NULL;
  if (to != NULL && index >= from->count) error = sim_fail(ACL_ERROR_INVALID_PARAM, "way %zu of %zu", index, from->count);
  else if (to != NULL) {
    to->from = from->routes[index].from;
    to->to = from->routes[index].to;
    to->status = from->routes[index].status;
  }
  sim_queues_unlock();
  return error;
}

size_t sim_acltdtGetQueueRouteNum(const acltdtQueueRouteList *list) {
  aclError error;
  sim_queues_lock();
  const acltdtQueueRouteList *found = described(&lists, list, &error);
  size_t count = found != NULL ? found->count : 0;
  sim_queues_unlock();
  return count;
}

/* ---- bound ways ---- */

static bool is_bound(const acltdtQueueRoute *route) { return route->status == ACL_TDT_QUEUE_ROUTE_BIND; }

static acltdtQueueRoute *find(uint32_t from, uint32_t to) {
  for (size_t i = 0; i < bound.count; i++)
    if (bound.routes[i].from == from && bound.routes[i].to == to) return &bound.routes[i];
  return NULL;
}

/* Whether something put into `from` comes to `to`. There is no circle yet, so this comes to an end. */
static bool leads(uint32_t from, uint32_t to) {
  if (from == to) return true;
  for (size_t i = 0; i < bound.count; i++)
    if (is_bound(&bound.routes[i]) && bound.routes[i].from == from && leads(bound.routes[i].to, to)) return true;
  return false;
}

/* Moves one buffer on to all queues behind; false where there is none, or one has no room. */
static bool pass_one(uint32_t number) {
  sim_queue *queue = sim_queue_at(number);
  bool any = false;
  if (queue == NULL || !sim_queue_has_any(queue)) return false;
  for (size_t i = 0; i < bound.count; i++) {
    if (!is_bound(&bound.routes[i]) || bound.routes[i].from != number) continue;
    any = true;
    if (sim_queue_is_full(sim_queue_at(bound.routes[i].to))) return false;
  }
  if (!any) return false;
  sim_buffer *buffer = sim_queue_take(queue);
  for (size_t i = 0; i < bound.count; i++) {
    if (!is_bound(&bound.routes[i]) || bound.routes[i].from != number) continue;
    sim_buffer *copy = sim_buffer_copy(buffer);
    if (copy != NULL) sim_queue_put(sim_queue_at(bound.routes[i].to), copy);
  }
  sim_buffer_free(buffer);
  return true;
}

static void pump_on(uint32_t number) {
  while (pass_one(number)) continue;
  for (size_t i = 0; i < bound.count; i++)
    if (is_bound(&bound.routes[i]) && bound.routes[i].from == number) pump_on(bound.routes[i].to);
}

/* What made room may let the queues before it go on, and those before them. */
void sim_routes_pump(uint32_t number) {
  pump_on(number);
  for (size_t i = 0; i < bound.count; i++)
    if (is_bound(&bound.routes[i]) && bound.routes[i].to == number && pass_one(bound.routes[i].from)) sim_routes_pump(bound.routes[i].from);
}

void sim_routes_break(uint32_t number) {
  for (size_t i = 0; i < bound.count; i++)
    if (bound.routes[i].from == number || bound.routes[i].to == number) bound.routes[i].status = ACL_TDT_QUEUE_ROUTE_BIND_ABNORMAL;
}

static aclError bind(acltdtQueueRoute *route) {
  const acltdtQueueRoute *known = find(route->from, route->to);
  route->status = ACL_TDT_QUEUE_ROUTE_BIND_ABNORMAL;
  if (sim_queue_at(route->from) == NULL || sim_queue_at(route->to) == NULL)
    return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "a way from queue %u to %u, and they are not both there", route->from, route->to);
  if (known != NULL && is_bound(known)) return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "queue %u leads to %u already", route->from, route->to);
  if (leads(route->to, route->from)) return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "queue %u leads to %u: ways make no circles", route->to, route->from);
  route->status = ACL_TDT_QUEUE_ROUTE_BIND;
  if (known != NULL) find(route->from, route->to)->status = ACL_TDT_QUEUE_ROUTE_BIND;
  else if (!add(&bound, *route)) {
    route->status = ACL_TDT_QUEUE_ROUTE_UNBIND;
    return sim_fail(ACL_ERROR_RT_MEMORY_ALLOCATION, "no memory for another way");
  }
  sim_routes_pump(route->from);
  return ACL_SUCCESS;
}

static aclError unbind(acltdtQueueRoute *route) {
  acltdtQueueRoute *known = find(route->from, route->to);
  if (known == NULL) return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "queue %u does not lead to %u", route->from, route->to);
  *known = bound.routes[--bound.count];
  route->status = ACL_TDT_QUEUE_ROUTE_UNBIND;
  return ACL_SUCCESS;
}

/* All of them; the first error is said, and each way has its state. */
static aclError each(acltdtQueueRouteList *list, aclError (*what)(acltdtQueueRoute *)) {
  aclError error;
  sim_queues_lock();
  acltdtQueueRouteList *found = described(&lists, list, &error);
  for (size_t i = 0; found != NULL && i < found->count; i++) {
    aclError one = what(&found->routes[i]);
    if (error == ACL_SUCCESS) error = one;
  }
  sim_queues_unlock();
  return error;
}

aclError sim_acltdtBindQueueRoutes(acltdtQueueRouteList *list) { return each(list, bind); }
aclError sim_acltdtUnbindQueueRoutes(acltdtQueueRouteList *list) { return each(list, unbind); }

/* ---- questions ---- */

acltdtQueueRouteQueryInfo *sim_acltdtCreateQueueRouteQueryInfo(void) { return make(&infos); }
aclError sim_acltdtDestroyQueueRouteQueryInfo(const acltdtQueueRouteQueryInfo *info) { return end(&infos, info); }

aclError sim_acltdtSetQueueRouteQueryInfo(acltdtQueueRouteQueryInfo *info, acltdtQueueRouteQueryInfoParamType type, size_t bytes, const void *value) {
  aclError error;
  sim_queues_lock();
  acltdtQueueRouteQueryInfo *found = described(&infos, info, &error);
  if (found != NULL && bytes != sizeof(uint32_t)) {
    error = wrong_size(bytes, sizeof(uint32_t));
  } else if (found != NULL) {
    uint32_t number = *(const uint32_t *)value;
    switch (type) {
      case ACL_TDT_QUEUE_ROUTE_QUERY_MODE_ENUM: found->mode = number, found->has_mode = true; break;
      case ACL_TDT_QUEUE_ROUTE_QUERY_SRC_ID_UINT32: found->from = number, found->has_from = true; break;
      case ACL_TDT_QUEUE_ROUTE_QUERY_DST_ID_UINT32: found->to = number, found->has_to = true; break;
      default: error = sim_fail(ACL_ERROR_INVALID_PARAM, "part %d of a question is not known", (int)type); break;
    }
  }
  sim_queues_unlock();
  return error;
}

/* Whether the question says all that its mode needs. */
static bool is_whole(const acltdtQueueRouteQueryInfo *info) {
  if (!info->has_mode) return false;
  switch (info->mode) {
    case ACL_TDT_QUEUE_ROUTE_QUERY_SRC: return info->has_from;
    case ACL_TDT_QUEUE_ROUTE_QUERY_DST: return info->has_to;
    case ACL_TDT_QUEUE_ROUTE_QUERY_SRC_AND_DST: return info->has_from && info->has_to;
    default: return info->mode == ACL_TDT_QUEUE_ROUTE_QUERY_ABNORMAL;
  }
}

static bool answers(const acltdtQueueRouteQueryInfo *info, const acltdtQueueRoute *route) {
  switch (info->mode) {
    case ACL_TDT_QUEUE_ROUTE_QUERY_SRC: return route->from == info->from;
    case ACL_TDT_QUEUE_ROUTE_QUERY_DST: return route->to == info->to;
    case ACL_TDT_QUEUE_ROUTE_QUERY_SRC_AND_DST: return route->from == info->from && route->to == info->to;
    default: return !is_bound(route);
  }
}

aclError sim_acltdtQueryQueueRoutes(const acltdtQueueRouteQueryInfo *info, acltdtQueueRouteList *list) {
  aclError error;
  sim_queues_lock();
  const acltdtQueueRouteQueryInfo *asked = described(&infos, info, &error);
  acltdtQueueRouteList *into = asked != NULL ? described(&lists, list, &error) : NULL;
  if (into != NULL && !is_whole(asked)) error = sim_fail(ACL_ERROR_INVALID_PARAM, "the question does not say what its mode needs");
  for (size_t i = 0; error == ACL_SUCCESS && i < bound.count; i++)
    if (answers(asked, &bound.routes[i]) && !add(into, bound.routes[i])) error = sim_fail(ACL_ERROR_RT_MEMORY_ALLOCATION, "no memory for a list of ways");
  sim_queues_unlock();
  return error;
}
