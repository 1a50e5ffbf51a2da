/*
 * A client thread's twin: makes the real calls that may block, one at a time, since the thread that waits for the answer
 * makes no other. It lives from the first such call to the end of the ring.
 */
#include <stdlib.h>
#include <sys/prctl.h>

#include "executor/clients.h"
#include "executor/executor.h"

typedef struct fxd_twin {
  pthread_t thread;
  pthread_mutex_t lock;
  pthread_cond_t changed;
  fxd_call *call;
  bool ends;
} fxd_twin;

static void *work(void *argument) {
  fxd_twin *t = argument;
  (void)prctl(PR_SET_NAME, "flexnpu-twin", 0, 0, 0);
  pthread_mutex_lock(&t->lock);
  for (;;) {
    while (t->call == NULL && !t->ends) pthread_cond_wait(&t->changed, &t->lock);
    fxd_call *c = t->call;
    if (c == NULL) break;
    t->call = NULL;
    pthread_mutex_unlock(&t->lock);
    fxd_client *client = c->ring->client;
    fxd_ending_wait(c);
    fxd_call_serve(c);
    fxd_work_ends(client);
    pthread_mutex_lock(&t->lock);
  }
  pthread_mutex_unlock(&t->lock);
  return NULL;
}

static fxd_twin *start(void) {
  fxd_twin *t = calloc(1, sizeof *t);
  if (t == NULL) return NULL;
  pthread_mutex_init(&t->lock, NULL);
  pthread_cond_init(&t->changed, NULL);
  if (pthread_create(&t->thread, NULL, work, t) == 0) return t;
  free(t);
  return NULL;
}

void fxd_twin_give(fxd_ring *r, fxd_call *c) {
  if (r->twin == NULL) r->twin = start();
  fxd_twin *t = r->twin;
  if (t == NULL) {
    fxd_call_serve(c); /* no thread to be had: better late than never */
    return;
  }
  pthread_mutex_lock(&t->lock);
  if (t->call != NULL) { /* its thread has not waited for the answers before: no client of ours */
    pthread_mutex_unlock(&t->lock);
    fxd_call_refuse(c);
    return;
  }
  fxd_work_begins(r->client);
  t->call = c;
  pthread_cond_signal(&t->changed);
  pthread_mutex_unlock(&t->lock);
}

/* Waits for the call under way: called on the thread that takes leave of a client, never on the daemon's. */
void fxd_twin_end(fxd_ring *r) {
  fxd_twin *t = r->twin;
  if (t == NULL) return;
  pthread_mutex_lock(&t->lock);
  t->ends = true;
  pthread_cond_signal(&t->changed);
  pthread_mutex_unlock(&t->lock);
  (void)pthread_join(t->thread, NULL);
  pthread_mutex_destroy(&t->lock);
  pthread_cond_destroy(&t->changed);
  free(t);
  r->twin = NULL;
}
