/*
 * Queues of buffers, of one process: whoever puts one in waits while the queue is full, whoever takes one out while it is
 * empty, on the host's clock. Between processes (acltdtGrantQueue, acltdtAttachQueue) there are none here.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "queues.h"
#include "slab.h"

struct sim_queue {
  sim_slot slot;
  uint32_t depth, count, first; /* a ring of `depth` places */
  sim_buffer **places;
};

static sim_slab queues = SIM_SLAB(sim_queue, SIM_QUEUES);
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;

void sim_queues_lock(void) { pthread_mutex_lock(&lock); }
void sim_queues_unlock(void) { pthread_mutex_unlock(&lock); }

sim_queue *sim_queue_at(uint32_t number) {
  if (number >= queues.touched) return NULL;
  sim_queue *queue = sim_slab_at(&queues, number);
  return queue->slot.live ? queue : NULL;
}

bool sim_queue_is_full(const sim_queue *queue) { return queue->count == queue->depth; }
bool sim_queue_has_any(const sim_queue *queue) { return queue->count > 0; }

void sim_queue_put(sim_queue *queue, sim_buffer *buffer) {
  sim_buffer_hide(buffer, true);
  queue->places[(queue->first + queue->count++) % queue->depth] = buffer;
  pthread_cond_broadcast(&changed);
}

sim_buffer *sim_queue_take(sim_queue *queue) {
  sim_buffer *buffer = queue->places[queue->first];
  queue->first = (queue->first + 1) % queue->depth;
  queue->count--;
  pthread_cond_broadcast(&changed);
  return buffer;
}

/* ---- made and ended ---- */

aclError sim_acltdtCreateQueue(const acltdtQueueAttr *attr, uint32_t *qid) {
  if (sim_current() == NULL) return ACL_ERROR_RT_CONTEXT_NULL;
  sim_queues_lock();
  const sim_queue_settings *settings = sim_queue_settings_of(attr);
  sim_buffer **places = settings != NULL ? calloc(settings->depth, sizeof(sim_buffer *)) : NULL;
  sim_queue *queue = places != NULL ? sim_slab_take(&queues) : NULL;
  if (queue != NULL) {
    queue->depth = settings->depth;
    queue->places = places;
    *qid = queue->slot.index;
  } else {
    free(places);
  }
  sim_queues_unlock();
  if (settings == NULL) return sim_fail(ACL_ERROR_INVALID_PARAM, "%p are no settings of a queue", (const void *)attr);
  return queue != NULL ? ACL_SUCCESS : sim_fail(ACL_ERROR_RT_RESOURCE_ALLOC_FAIL, "no room for another queue");
}

static aclError no_queue(uint32_t number) { return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "there is no queue %u", number); }

aclError sim_acltdtDestroyQueue(uint32_t qid) {
  sim_queues_lock();
  sim_queue *queue = sim_queue_at(qid);
  if (queue != NULL) {
    while (queue->count > 0) sim_buffer_free(sim_queue_take(queue));
    free(queue->places);
    sim_routes_break(qid);
    sim_slab_give(&queues, queue);
    pthread_cond_broadcast(&changed); /* who waits for it hears that it is gone */
  }
  sim_queues_unlock();
  return queue != NULL ? ACL_SUCCESS : no_queue(qid);
}

/* ---- in and out ---- */

static struct timespec after_ms(int32_t ms) {
  struct timespec at;
  clock_gettime(CLOCK_REALTIME, &at);
  at.tv_sec += ms / 1000;
  at.tv_nsec += ms % 1000 * 1000000l;
  if (at.tv_nsec >= 1000000000l) {
    at.tv_sec++;
    at.tv_nsec -= 1000000000l;
  }
  return at;
}

/* Waits, -1 or milliseconds, until the queue has room, or something; it may end meanwhile. */
static sim_queue *await(uint32_t number, bool for_room, int32_t timeout, aclError *error) {
  struct timespec until = after_ms(timeout > 0 ? timeout : 0);
  bool in_time = timeout != 0;
  *error = timeout < -1 ? sim_fail(ACL_ERROR_RT_PARAM_INVALID, "timeout %d ms: expected -1 or more", timeout) : ACL_SUCCESS;
  if (*error != ACL_SUCCESS) return NULL;
  for (;;) {
    sim_queue *queue = sim_queue_at(number);
    if (queue == NULL) {
      *error = no_queue(number);
      return NULL;
    }
    if (for_room ? !sim_queue_is_full(queue) : sim_queue_has_any(queue)) return queue;
    if (!in_time) {
      *error = sim_fail(for_room ? ACL_ERROR_RT_QUEUE_FULL : ACL_ERROR_RT_QUEUE_EMPTY, "queue %u is %s", number, for_room ? "full" : "empty");
      return NULL;
    }
    in_time = (timeout < 0 ? pthread_cond_wait(&changed, &lock) : pthread_cond_timedwait(&changed, &lock, &until)) != ETIMEDOUT;
  }
}

aclError sim_acltdtEnqueue(uint32_t qid, acltdtBuf buf, int32_t timeout) {
  aclError error;
  sim_queues_lock();
  sim_queue *queue = sim_buffer_head_of(buf, &error) != NULL ? await(qid, true, timeout, &error) : NULL;
  sim_buffer *buffer = queue != NULL ? sim_buffer_head_of(buf, &error) : NULL; /* another thread may have it by now */
  if (buffer != NULL) {
    sim_queue_put(queue, buffer);
    sim_routes_pump(qid);
  }
  sim_queues_unlock();
  return error;
}

aclError sim_acltdtDequeue(uint32_t qid, acltdtBuf *buf, int32_t timeout) {
  aclError error;
  sim_queues_lock();
  sim_queue *queue = await(qid, false, timeout, &error);
  if (queue != NULL) {
    sim_buffer *buffer = sim_queue_take(queue);
    sim_buffer_hide(buffer, false);
    *buf = buffer;
    sim_routes_pump(qid);
  }
  sim_queues_unlock();
  return error;
}

static aclError check_user(const void *user, size_t bytes) {
  if (bytes <= SIM_USER_BYTES && (user != NULL || bytes == 0)) return ACL_SUCCESS;
  return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "%zu bytes at %p for the user: there are %u", bytes, user, SIM_USER_BYTES);
}

aclError sim_acltdtEnqueueData(uint32_t qid, const void *data, size_t bytes, const void *user, size_t user_bytes, int32_t timeout, uint32_t reserved) {
  (void)reserved;
  aclError error = check_user(user, user_bytes);
  if (error != ACL_SUCCESS) return error;
  if (bytes == 0) return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "0 bytes of data");
  sim_queues_lock();
  sim_queue *queue = await(qid, true, timeout, &error);
  sim_buffer *buffer = queue != NULL ? sim_buffer_make(bytes) : NULL;
  if (buffer != NULL) {
    sim_buffer_set(buffer, data, bytes, user, user_bytes);
    sim_queue_put(queue, buffer);
    sim_routes_pump(qid);
  } else if (queue != NULL) {
    error = sim_fail(ACL_ERROR_RT_MEMORY_ALLOCATION, "no memory for %zu bytes of data", bytes);
  }
  sim_queues_unlock();
  return error;
}

aclError sim_acltdtDequeueData(uint32_t qid, void *data, size_t bytes, size_t *taken, void *user, size_t user_bytes, int32_t timeout) {
  aclError error = check_user(user, user_bytes);
  if (error != ACL_SUCCESS) return error;
  sim_queues_lock();
  sim_queue *queue = await(qid, false, timeout, &error);
  size_t length = 0;
  const void *from = queue != NULL ? sim_buffer_data(queue->places[queue->first], &length) : NULL;
  if (queue != NULL && length > bytes) {
    error = sim_fail(ACL_ERROR_RT_PARAM_INVALID, "room for %zu of %zu bytes", bytes, length);
  } else if (queue != NULL) {
    sim_buffer *buffer = sim_queue_take(queue);
    memcpy(data, from, length);
    if (user != NULL) memcpy(user, sim_buffer_user(buffer), user_bytes);
    *taken = length;
    sim_buffer_free(buffer);
    sim_routes_pump(qid);
  }
  sim_queues_unlock();
  return error;
}
