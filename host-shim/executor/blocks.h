/*
 * Device memory that clients allocate. It is physical memory mapped into a reserved range of addresses
 * (aclrtReserveMemAddress, aclrtMallocPhysical, aclrtMapMem), so that an address can outlive the memory behind it: what
 * backs it can be replaced, on another card too, and no pointer that a program holds changes. What is smaller than the
 * library maps at once shares such a range with others of the same client. Where the library maps nothing, or the program
 * asks for memory that other devices reach, it is the library's own aclrtMalloc.
 */
#ifndef FX_EXECUTOR_BLOCKS_H
#define FX_EXECUTOR_BLOCKS_H

#include "executor/executor.h"

/* Allocates for a client, in the current context; AscendCL's error where it cannot. */
aclError fxd_block_make(fxd_client *c, uint64_t bytes, aclrtMemMallocPolicy policy, void **address);
/*
 * Takes a block from the client that asked for its end; its bytes, 0 where it is not the client's. The device may still
 * use it: it is given back by fxd_blocks_freed, first taken first.
 */
uint64_t fxd_block_take(fxd_client *c, const void *address);
/* Another user of a block, and its end: the last one gives it back. */
void fxd_block_use(fxd_block *b);
void fxd_block_release(fxd_block *b);

/* Gives everything of a client back that has gone. */
void fxd_blocks_end(fxd_client *c);

#endif
