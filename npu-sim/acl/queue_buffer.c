/*
 * Buffers of queues: data that several buffers may share, a part for the user's own beside it, and chains of them. A chain
 * is named by its first buffer. CANN has the data on the device; here the host reads and writes device memory anyway.
 */
#include <stdlib.h>
#include <string.h>

#include "queues.h"
#include "slab.h"

/* As many buffers a chain has at most (acltdtAppendBufChain), and bytes a buffer (acltdtAllocBuf). */
#define CHAIN 128u
#define MOST_BYTES (4ull << 30)
#define BUFFERS 65536u

typedef struct block {
  uint32_t uses;
  size_t bytes;
  _Alignas(64) unsigned char data[];
} block;

struct sim_buffer {
  sim_slot slot;
  block *block;
  size_t length; /* of the data that is meant */
  unsigned char user[SIM_USER_BYTES];
  sim_buffer *next; /* of the chain */
  bool linked;      /* behind another in a chain */
  bool hidden;      /* in a queue */
};

static sim_slab buffers = SIM_SLAB(sim_buffer, BUFFERS);

static sim_buffer *with(block *data) {
  sim_buffer *buffer = data != NULL ? sim_slab_take(&buffers) : NULL;
  if (buffer == NULL) return NULL;
  buffer->block = data;
  data->uses++;
  return buffer;
}

sim_buffer *sim_buffer_make(size_t bytes) {
  block *data = aligned_alloc(64, (sizeof *data + bytes + 63) / 64 * 64);
  if (data == NULL) return NULL;
  data->uses = 0;
  data->bytes = bytes;
  sim_buffer *buffer = with(data);
  if (buffer == NULL) free(data);
  else buffer->length = bytes;
  return buffer;
}

sim_buffer *sim_buffer_of(const void *handle, aclError *error) {
  sim_buffer *buffer = sim_slab_find(&buffers, handle);
  if (buffer != NULL && buffer->hidden) buffer = NULL;
  *error = buffer != NULL ? ACL_SUCCESS : sim_fail(ACL_ERROR_RT_PARAM_INVALID, "%p is no buffer, or in a queue", handle);
  return buffer;
}

sim_buffer *sim_buffer_head_of(const void *handle, aclError *error) {
  sim_buffer *buffer = sim_buffer_of(handle, error);
  if (buffer == NULL || !buffer->linked) return buffer;
  *error = sim_fail(ACL_ERROR_RT_PARAM_INVALID, "the buffer goes with the first of its chain");
  return NULL;
}

sim_buffer *sim_buffer_copy(const sim_buffer *head) {
  sim_buffer *first = NULL, **link = &first;
  for (const sim_buffer *at = head; at != NULL; at = at->next) {
    *link = with(at->block);
    if (*link == NULL) {
      sim_buffer_free(first);
      return NULL;
    }
    (*link)->length = at->length;
    memcpy((*link)->user, at->user, sizeof at->user);
    (*link)->linked = at != head;
    (*link)->hidden = at->hidden;
    link = &(*link)->next;
  }
  return first;
}

void sim_buffer_free(sim_buffer *head) {
  while (head != NULL) {
    sim_buffer *next = head->next;
    if (--head->block->uses == 0) free(head->block);
    sim_slab_give(&buffers, head);
    head = next;
  }
}

void sim_buffer_hide(sim_buffer *head, bool hidden) {
  for (; head != NULL; head = head->next) head->hidden = hidden;
}

void *sim_buffer_data(const sim_buffer *buffer, size_t *length) {
  *length = buffer->length;
  return buffer->block->data;
}

void sim_buffer_set(sim_buffer *buffer, const void *data, size_t length, const void *user, size_t user_bytes) {
  memcpy(buffer->block->data, data, length);
  buffer->length = length;
  if (user != NULL) memcpy(buffer->user, user, user_bytes);
}

const void *sim_buffer_user(const sim_buffer *buffer) { return buffer->user; }

/* ---- the calls ---- */

aclError sim_acltdtAllocBuf(size_t size, uint32_t type, acltdtBuf *buf) {
  if (size == 0 || size > MOST_BYTES) return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "%zu bytes: expected 1 to %llu", size, MOST_BYTES);
  if (type != ACL_TDT_NORMAL_MEM && type != ACL_TDT_DVPP_MEM) return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "memory type %u is not known", type);
  sim_queues_lock();
  sim_buffer *buffer = sim_buffer_make(size);
  if (buffer != NULL) *buf = buffer;
  sim_queues_unlock();
  return buffer != NULL ? ACL_SUCCESS : sim_fail(ACL_ERROR_RT_MEMORY_ALLOCATION, "no memory for a buffer of %zu bytes", size);
}

aclError sim_acltdtFreeBuf(acltdtBuf buf) {
  aclError error;
  sim_queues_lock();
  sim_buffer_free(sim_buffer_head_of(buf, &error));
  sim_queues_unlock();
  return error;
}

aclError sim_acltdtGetBufData(const acltdtBuf buf, void **data, size_t *size) {
  aclError error;
  sim_queues_lock();
  const sim_buffer *buffer = sim_buffer_of(buf, &error);
  if (buffer != NULL) {
    *data = buffer->block->data;
    *size = buffer->block->bytes;
  }
  sim_queues_unlock();
  return error;
}

aclError sim_acltdtSetBufDataLen(acltdtBuf buf, size_t length) {
  aclError error;
  sim_queues_lock();
  sim_buffer *buffer = sim_buffer_of(buf, &error);
  if (buffer != NULL && length > buffer->block->bytes)
    error = sim_fail(ACL_ERROR_RT_PARAM_INVALID, "%zu bytes: the buffer has %zu", length, buffer->block->bytes);
  else if (buffer != NULL) buffer->length = length;
  sim_queues_unlock();
  return error;
}

aclError sim_acltdtGetBufDataLen(acltdtBuf buf, size_t *length) {
  aclError error;
  sim_queues_lock();
  const sim_buffer *buffer = sim_buffer_of(buf, &error);
  if (buffer != NULL) *length = buffer->length;
  sim_queues_unlock();
  return error;
}

/* The user's part from `offset` on; NULL with an error where that is not in it. */
static unsigned char *user_part(const void *buf, size_t size, size_t offset, aclError *error) {
  sim_buffer *buffer = sim_buffer_of(buf, error);
  if (buffer == NULL) return NULL;
  if (offset <= SIM_USER_BYTES && size <= SIM_USER_BYTES - offset) return buffer->user + offset;
  *error = sim_fail(ACL_ERROR_RT_PARAM_INVALID, "%zu bytes at %zu: there are %u", size, offset, SIM_USER_BYTES);
  return NULL;
}

aclError sim_acltdtGetBufUserData(const acltdtBuf buf, void *data, size_t size, size_t offset) {
  aclError error;
  sim_queues_lock();
  const unsigned char *part = user_part(buf, size, offset, &error);
  if (part != NULL) memcpy(data, part, size);
  sim_queues_unlock();
  return error;
}

aclError sim_acltdtSetBufUserData(acltdtBuf buf, const void *data, size_t size, size_t offset) {
  aclError error;
  sim_queues_lock();
  unsigned char *part = user_part(buf, size, offset, &error);
  if (part != NULL) memcpy(part, data, size);
  sim_queues_unlock();
  return error;
}

aclError sim_acltdtCopyBufRef(const acltdtBuf buf, acltdtBuf *copy) {
  aclError error;
  sim_queues_lock();
  const sim_buffer *buffer = sim_buffer_of(buf, &error);
  sim_buffer *made = buffer != NULL ? with(buffer->block) : NULL;
  if (made != NULL) {
    made->length = buffer->length;
    *copy = made;
  } else if (buffer != NULL) {
    error = sim_fail(ACL_ERROR_RT_MEMORY_ALLOCATION, "no room for another buffer");
  }
  sim_queues_unlock();
  return error;
}

/* ---- chains ---- */

static uint32_t count(const sim_buffer *head) {
  uint32_t n = 0;
  for (; head != NULL; head = head->next) n++;
  return n;
}

aclError sim_acltdtAppendBufChain(acltdtBuf head_buf, acltdtBuf buf) {
  aclError error;
  sim_queues_lock();
  sim_buffer *head = sim_buffer_of(head_buf, &error);
  sim_buffer *buffer = head != NULL ? sim_buffer_of(buf, &error) : NULL;
  if (buffer != NULL && (head == buffer || head->linked || buffer->linked)) {
    error = sim_fail(ACL_ERROR_RT_PARAM_INVALID, "a buffer is in a chain already");
  } else if (buffer != NULL && count(head) + count(buffer) > CHAIN) {
    error = sim_fail(ACL_ERROR_RT_PARAM_INVALID, "a chain has %u buffers at most", CHAIN);
  } else if (buffer != NULL) {
    while (head->next != NULL) head = head->next;
    head->next = buffer;
    buffer->linked = true;
  }
  sim_queues_unlock();
  return error;
}

aclError sim_acltdtGetBufChainNum(acltdtBuf head_buf, uint32_t *number) {
  aclError error;
  sim_queues_lock();
  const sim_buffer *head = sim_buffer_of(head_buf, &error);
  if (head != NULL) *number = count(head);
  sim_queues_unlock();
  return error;
}

aclError sim_acltdtGetBufFromChain(acltdtBuf head_buf, uint32_t index, acltdtBuf *buf) {
  aclError error;
  sim_queues_lock();
  sim_buffer *at = sim_buffer_of(head_buf, &error);
  for (uint32_t i = 0; i < index && at != NULL; i++) at = at->next;
  if (at != NULL) *buf = at;
  else if (error == ACL_SUCCESS) error = sim_fail(ACL_ERROR_RT_PARAM_INVALID, "the chain has no buffer %u", index);
  sim_queues_unlock();
  return error;
}
