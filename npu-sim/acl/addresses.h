/*
 * Where device memory lies in the address space. The driver of a real card gives device addresses from a range of its
 * own, far from where a system maps a program's memory, so that no number is an address of both, in another process
 * neither: a program whose device memory a daemon holds tells the two apart by the number alone.
 */
#ifndef NPU_SIM_ADDRESSES_H
#define NPU_SIM_ADDRESSES_H

#include <stddef.h>
#include <stdint.h>

/* 16 TiB to 24 TiB: the addresses that aclrtReserveMemAddress can be asked for (CANN's API reference, expectPtr). */
#define SIM_DEVICE_ADDRESSES (16ull << 40)
#define SIM_DEVICE_ADDRESSES_END (24ull << 40)

/*
 * mmap at the next free place of the range; where the host has none there (a small address space, a sanitizer's shadow),
 * anywhere. MAP_FAILED as mmap.
 */
void *sim_map_device(size_t bytes, int protection, int flags, int file, int64_t offset);

#endif
