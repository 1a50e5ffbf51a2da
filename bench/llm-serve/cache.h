/*
 * The paged key-value cache: blocks of QWEN_BLOCK_TOKENS tokens out of one pool in device memory, as vLLM has it. A
 * request takes blocks for all of its tokens before its prefill, so that no request is ever pre-empted, and one that is
 * being served never waits for another.
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
  uint32_t free_count;
} cache;

/* Room for the numbers of at most so many blocks, in memory that both phases have; before either begins. */
void cache_room(cache *c, uint32_t most);
void cache_begin(cache *c, uint32_t blocks);
void cache_end(cache *c);

/* Blocks for so many tokens. */
uint32_t cache_blocks_for(uint32_t tokens);

/*
 * Takes `count` blocks into `into`. Where there are not as many, waits for them, or returns false: who holds blocks of
 * a request that is not under way yet must not wait, since nobody may be left to give any back.
 */
bool cache_take(cache *c, int32_t *into, uint32_t count, bool wait);

void cache_give(cache *c, const int32_t *blocks, uint32_t count);

#endif
