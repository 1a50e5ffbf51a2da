/*
 * What a kernel binary of the simulated NPU is: a host shared object (.o by custom, ELF ET_DYN) that defines
 * NPU_SIM_KERNEL_MAGIC and, for each kernel NAME, two functions:
 *
 *   void NAME(const npu_sim_launch *l)                           computes, on the memory its arguments point to
 *   void NAME__work(const npu_sim_launch *l, npu_sim_work *w)    declares the work, from which the model takes time
 *
 * and, where its parameters can be given one by one, how many bytes each has, in their order:
 *
 *   const uint32_t NAME__parameters[] = {8, 4, 0};               0 ends them; each begins at a multiple of 8
 *
 * The functions run on the simulator's device thread. They may only touch device memory that the arguments name, hold no
 * locks and keep no state but in exported variables, which programs reach as CANN's (aclrtBinaryGetGlobal); a variable is
 * one for all devices. The computation may be narrower than the declared work (a host cannot compute a 7B model at
 * pace), but has to depend on every input, so that a wrong order of operators gives wrong bytes.
 */
#ifndef NPU_SIM_KERNEL_H
#define NPU_SIM_KERNEL_H

#include <stddef.h>
#include <stdint.h>

/* Version of this interface; a binary says it as `const uint32_t npu_sim_kernel_abi = NPU_SIM_KERNEL_ABI;`. */
#define NPU_SIM_KERNEL_ABI 1u
#define NPU_SIM_KERNEL_MAGIC const uint32_t npu_sim_kernel_abi = NPU_SIM_KERNEL_ABI

/*
 * A binary whose every NAME__work looks at nothing but l->args and l->blocks (no device memory) says so with this line.
 * Its work is then known as soon as it is launched, which lets processes that share a machine run far ahead of one
 * another; without it the machine waits for the launching process at each of its kernels.
 */
#define NPU_SIM_WORK_FROM_ARGS const uint32_t npu_sim_kernel_work_from_args = 1u

/*
 * A binary whose kernels can overflow or fail has this line. A kernel adds what befell it before it returns:
 * `npu_sim_kernel_outcome |= NPU_SIM_EXCEPTION;`. An exception is the error 507015 of its stream.
 */
#define NPU_SIM_OUTCOME uint32_t npu_sim_kernel_outcome
#define NPU_SIM_OVERFLOW 1u
#define NPU_SIM_EXCEPTION 2u

typedef struct npu_sim_launch {
  const void *args;    /* the launch's arguments: 8-byte aligned values, pointers are device pointers */
  size_t args_bytes;   /* size of args */
  uint32_t blocks;     /* launch width (numBlocks) */
} npu_sim_launch;

/* Work of one launch, before any contention. All zero is a kernel that takes only its launch latency. */
typedef struct npu_sim_work {
  uint64_t cube_ops;    /* fp16/bf16 operations of the cube units (a multiply-add is two) */
  uint64_t vector_ops;  /* fp16 operations of the vector units */
  uint64_t hbm_bytes;   /* bytes moved to and from HBM, after caches */
  uint64_t link_bytes;  /* bytes moved over the device's links (collectives) */
} npu_sim_work;

#endif
