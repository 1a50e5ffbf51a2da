/* CRC-32 as zlib computes it, for the frames of a recording. */
#ifndef FX_CRC32_H
#define FX_CRC32_H

#include <stddef.h>
#include <stdint.h>

uint32_t fx_crc32(const void *data, size_t bytes);

#endif
