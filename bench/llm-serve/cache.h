/*
 * The paged key-value cache: blocks of QWEN_BLOCK_TOKENS tokens out of one pool in device memory, as vLLM has it. A
 * request takes blocks for all of its tokens before its prefill, so that no request is ever pre-empted.
 */
#ifndef SERVE_CACHE_H
#define SERVE_CACHE_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct cache {
  pthread_mutex_t lock;
  pthread_cond_t returned;
  int32_t *free_blocks;
  uint32_t free_count, blocks;
} cache;

void cache_begin(cache *c, uint32_t blocks);

/* Blocks for so many tokens. */
uint32_t cache_blocks_for(uint32_t tokens);

/* Takes `count` blocks into `into`, waiting until there are as many. */
void cache_take(cache *c, int32_t *into, uint32_t count);

void cache_give(cache *c, const int32_t *blocks, uint32_t count);
void cache_end(cache *c);

#endif
