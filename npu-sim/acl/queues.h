/* Queues of buffers (acl_tdt_queue.h): what their parts give one another. A lock of their own, which all of this needs. */
#ifndef NPU_SIM_QUEUES_H
#define NPU_SIM_QUEUES_H

#include "sim.h"

typedef struct sim_buffer sim_buffer;
typedef struct sim_queue sim_queue;

void sim_queues_lock(void);
void sim_queues_unlock(void);

/* ---- queue_buffer.c ---- */
/* A buffer of so many bytes; NULL: no room. */
sim_buffer *sim_buffer_make(size_t bytes);
/* The buffer of a handle; NULL with an error where it is none, or inside a chain or queue. */
sim_buffer *sim_buffer_of(const void *handle, aclError *error);
/* The first of a chain, as one that can go somewhere. */
sim_buffer *sim_buffer_head_of(const void *handle, aclError *error);
/* Another chain of the same data; NULL: no room. */
sim_buffer *sim_buffer_copy(const sim_buffer *head);
void sim_buffer_free(sim_buffer *head);
/* It is in a queue, where no handle reaches it, or out of it. */
void sim_buffer_hide(sim_buffer *head, bool hidden);
void *sim_buffer_data(const sim_buffer *buffer, size_t *length);
void sim_buffer_set(sim_buffer *buffer, const void *data, size_t length, const void *user, size_t user_bytes);
const void *sim_buffer_user(const sim_buffer *buffer);
/* Bytes that a buffer has for its user beside the data (acltdtSetBufUserData). */
#define SIM_USER_BYTES 96u

/* ---- queue.c ---- */
#define SIM_QUEUES 8192u
/* By number; NULL: none of that number. */
sim_queue *sim_queue_at(uint32_t number);
bool sim_queue_is_full(const sim_queue *queue);
sim_buffer *sim_queue_take(sim_queue *queue);
void sim_queue_put(sim_queue *queue, sim_buffer *buffer);
bool sim_queue_has_any(const sim_queue *queue);

/* ---- queue_routes.c ---- */
/* Something came into the queue, or left it: passes on what can go on. */
void sim_routes_pump(uint32_t number);
/* The queue has ended: its ways lead nowhere. */
void sim_routes_break(uint32_t number);

/* Name and depth that a queue is made with. */
typedef struct sim_queue_settings {
  char name[128];
  uint32_t depth;
} sim_queue_settings;
const sim_queue_settings *sim_queue_settings_of(const void *attr);

#endif
