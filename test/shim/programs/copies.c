/*
 * Copies of many sizes, with pageable and pinned memory, there and back; prints whether every byte came back. With `endless`
 * behind the kernel binary it copies until it is killed.
 */
#include <string.h>

#include "program.h"

static uint8_t byte_at(size_t i, uint32_t seed) { return (uint8_t)(i * 2654435761u >> 11 ^ seed); }

static bool round_trip(size_t bytes, bool pinned, uint32_t seed) {
  uint8_t *host = NULL;
  void *first, *second;
  if (pinned) OK(aclrtMallocHost((void **)&host, bytes));
  else host = malloc(bytes);
  CHECK(host != NULL);
  OK(aclrtMalloc(&first, bytes, ACL_MEM_MALLOC_HUGE_FIRST));
  OK(aclrtMalloc(&second, bytes, ACL_MEM_MALLOC_HUGE_FIRST));
  for (size_t i = 0; i < bytes; i++) host[i] = byte_at(i, seed);
  OK(aclrtMemcpy(first, bytes, host, bytes, ACL_MEMCPY_HOST_TO_DEVICE));
  OK(aclrtMemcpy(second, bytes, first, bytes, ACL_MEMCPY_DEVICE_TO_DEVICE));
  memset(host, 0, bytes);
  OK(aclrtMemcpy(host, bytes, second, bytes, ACL_MEMCPY_DEVICE_TO_HOST));
  size_t same = 0;
  while (same < bytes && host[same] == byte_at(same, seed)) same++;
  OK(aclrtFree(first));
  OK(aclrtFree(second));
  if (pinned) OK(aclrtFreeHost(host));
  else free(host);
  return same == bytes;
}

int main(int argc, char **argv) {
  bool endless = argc == 3 && strcmp(argv[2], "endless") == 0;
  CHECK(argc == 2 || endless);
  OK(aclInit(NULL));
  OK(aclrtSetDevice(0));
  for (uint32_t seed = 0; endless; seed++) CHECK(round_trip(((size_t)24 << 20) + seed, false, seed));
  static const size_t sizes[] = {1, 513, 65536, (1 << 20) - 1, 1 << 20, (1 << 20) + 1, (4 << 20) + 7, (33 << 20) + 3};
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
    for (int pinned = 0; pinned < 2; pinned++)
      printf("%zu %s: %s\n", sizes[i], pinned ? "pinned" : "pageable", round_trip(sizes[i], pinned, (uint32_t)i) ? "whole" : "torn");
  OK(aclrtResetDevice(0));
  OK(aclFinalize());
  return 0;
}
