/*
 * Moving bytes as the device's own engine does: it writes to the device's memory, which is nobody's cache. Where the host
 * can, what is large goes around the caches, so that a copy costs one write of the memory and displaces nothing.
 */
#ifndef NPU_SIM_MOVE_H
#define NPU_SIM_MOVE_H

#include <stdint.h>
#include <string.h>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

/* Bytes from which it pays: below, what reads them next finds them in a cache. */
#define SIM_MOVE_AROUND_BYTES (64u << 10)

static inline void sim_move(void *to, const void *from, size_t bytes) {
#if defined(__SSE2__)
  uintptr_t distance = (uintptr_t)to - (uintptr_t)from;
  if (bytes >= SIM_MOVE_AROUND_BYTES && distance >= bytes && -distance >= bytes) {
    size_t head = -(uintptr_t)to & 63u;
    memcpy(to, from, head);
    unsigned char *t = (unsigned char *)to + head;
    const unsigned char *f = (const unsigned char *)from + head;
    for (bytes -= head; bytes >= 64; bytes -= 64, t += 64, f += 64) {
      __m128i a = _mm_loadu_si128((const __m128i *)(const void *)f), b = _mm_loadu_si128((const __m128i *)(const void *)(f + 16));
      __m128i c = _mm_loadu_si128((const __m128i *)(const void *)(f + 32)), d = _mm_loadu_si128((const __m128i *)(const void *)(f + 48));
      _mm_stream_si128((__m128i *)(void *)t, a);
      _mm_stream_si128((__m128i *)(void *)(t + 16), b);
      _mm_stream_si128((__m128i *)(void *)(t + 32), c);
      _mm_stream_si128((__m128i *)(void *)(t + 48), d);
    }
    memcpy(t, f, bytes);
    _mm_sfence();
    return;
  }
#endif
  memmove(to, from, bytes);
}

#endif
