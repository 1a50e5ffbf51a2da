/* Functions of the program that hear of a graph's end: the client's own, called once the daemon has ended it. */
#include <pthread.h>
#include <stdlib.h>

#include "remote/capture.h"
#include "remote/error.h"
#include "remote_client.h"

typedef struct listener listener;
struct listener {
  listener *next; /* in the order in which they came */
  aclmdlRI graph;
  aclrtCallback function;
  void *data;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static listener *listeners;

/* Where the function's entry stands, or the end of the list. Under the lock. */
static listener **find(aclmdlRI graph, aclrtCallback function) {
  listener **at = &listeners;
  while (*at != NULL && ((*at)->graph != graph || (*at)->function != function)) at = &(*at)->next;
  return at;
}

aclError fx_remote_aclmdlRIDestroyRegisterCallback(aclmdlRI modelRI, aclrtCallback func, void *userData) {
  if (modelRI == NULL || func == NULL) return fx_remote_no_pointer();
  aclError error = fx_graph_check(modelRI);
  listener *made = error == ACL_SUCCESS ? malloc(sizeof *made) : NULL;
  if (error != ACL_SUCCESS) return error;
  if (made == NULL) return fx_remote_fail(ACL_ERROR_BAD_ALLOC, "no host memory for a function that hears of a graph's end");
  pthread_mutex_lock(&lock);
  listener **end = find(modelRI, func);
  bool known = *end != NULL;
  if (!known) {
    *made = (listener){.graph = modelRI, .function = func, .data = userData};
    *end = made;
  }
  pthread_mutex_unlock(&lock);
  if (!known) return ACL_SUCCESS;
  free(made);
  return fx_remote_fail(ACL_ERROR_RT_PARAM_INVALID, "the function hears of the graph's end already");
}

aclError fx_remote_aclmdlRIDestroyUnregisterCallback(aclmdlRI modelRI, aclrtCallback func) {
  if (modelRI == NULL || func == NULL) return fx_remote_no_pointer();
  aclError error = fx_graph_check(modelRI);
  if (error != ACL_SUCCESS) return error;
  pthread_mutex_lock(&lock);
  listener **at = find(modelRI, func), *known = *at;
  if (known != NULL) *at = known->next;
  pthread_mutex_unlock(&lock);
  free(known);
  return known != NULL ? ACL_SUCCESS : fx_remote_fail(ACL_ERROR_RT_PARAM_INVALID, "the function does not hear of the graph's end");
}

/* Those of the graph, taken out of the list. */
static listener *take(aclmdlRI graph) {
  listener *taken = NULL, **last = &taken;
  pthread_mutex_lock(&lock);
  for (listener **at = &listeners; *at != NULL;) {
    if ((*at)->graph != graph) {
      at = &(*at)->next;
      continue;
    }
    *last = *at;
    *at = (*at)->next;
    last = &(*last)->next;
    *last = NULL;
  }
  pthread_mutex_unlock(&lock);
  return taken;
}

void fx_graph_ended(aclmdlRI graph) {
  for (listener *l = take(graph); l != NULL;) {
    listener *next = l->next;
    l->function(l->data);
    free(l);
    l = next;
  }
}
