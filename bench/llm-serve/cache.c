/* The pool of blocks: a stack of free numbers. */
#include "cache.h"

#include "qwen25_args.h"
#include "shared.h"

void cache_room(cache *c, uint32_t most) { c->free_blocks = shared_array(most, sizeof *c->free_blocks); }

void cache_begin(cache *c, uint32_t blocks) {
  shared_lock_begin(&c->lock, &c->returned);
  c->free_count = blocks;
  for (uint32_t i = 0; i < blocks; i++) c->free_blocks[i] = (int32_t)(blocks - 1 - i);
}

void cache_end(cache *c) {
  pthread_cond_destroy(&c->returned);
  pthread_mutex_destroy(&c->lock);
}

uint32_t cache_blocks_for(uint32_t tokens) { return (tokens + QWEN_BLOCK_TOKENS - 1) / QWEN_BLOCK_TOKENS; }

bool cache_take(cache *c, int32_t *into, uint32_t count, bool wait) {
  pthread_mutex_lock(&c->lock);
  while (wait && c->free_count < count) pthread_cond_wait(&c->returned, &c->lock);
  bool enough = c->free_count >= count;
  for (uint32_t i = 0; enough && i < count; i++) into[i] = c->free_blocks[--c->free_count];
  pthread_mutex_unlock(&c->lock);
  return enough;
}

void cache_give(cache *c, const int32_t *blocks, uint32_t count) {
  pthread_mutex_lock(&c->lock);
  for (uint32_t i = 0; i < count; i++) c->free_blocks[c->free_count++] = blocks[i];
  pthread_cond_signal(&c->returned); /* only the prefill thread takes */
  pthread_mutex_unlock(&c->lock);
}
