/* The pool of blocks: a stack of free numbers. */
#include "cache.h"

#include <stdlib.h>

#include "qwen25_args.h"

void cache_begin(cache *c, uint32_t blocks) {
  pthread_mutex_init(&c->lock, NULL);
  pthread_cond_init(&c->returned, NULL);
  c->free_blocks = malloc(blocks * sizeof *c->free_blocks);
  c->blocks = c->free_count = blocks;
  for (uint32_t i = 0; c->free_blocks != NULL && i < blocks; i++) c->free_blocks[i] = (int32_t)(blocks - 1 - i);
}

uint32_t cache_blocks_for(uint32_t tokens) { return (tokens + QWEN_BLOCK_TOKENS - 1) / QWEN_BLOCK_TOKENS; }

void cache_take(cache *c, int32_t *into, uint32_t count) {
  pthread_mutex_lock(&c->lock);
  while (c->free_count < count) pthread_cond_wait(&c->returned, &c->lock);
  for (uint32_t i = 0; i < count; i++) into[i] = c->free_blocks[--c->free_count];
  pthread_mutex_unlock(&c->lock);
}

void cache_give(cache *c, const int32_t *blocks, uint32_t count) {
  pthread_mutex_lock(&c->lock);
  for (uint32_t i = 0; i < count; i++) c->free_blocks[c->free_count++] = blocks[i];
  pthread_cond_broadcast(&c->returned);
  pthread_mutex_unlock(&c->lock);
}

void cache_end(cache *c) {
  free(c->free_blocks);
  pthread_cond_destroy(&c->returned);
  pthread_mutex_destroy(&c->lock);
}
