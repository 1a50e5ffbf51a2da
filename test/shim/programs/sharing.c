/*
 * Two processes share device memory by key: what one writes the other reads, what its owner frees stays until it is
 * closed, and what the key does not allow is refused. With `killed`, the one that imports is killed instead of closing.
 * Argument: kernel binary.
 */
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "program.h"

#define BYTES ((size_t)3 << 20)
#define KEY_BYTES 65

static int in, out;
static void give(const void *data, size_t bytes) { CHECK(write(out, data, bytes) == (ssize_t)bytes); }
static void take(void *data, size_t bytes) {
  for (size_t done = 0; done < bytes;) {
    ssize_t got = read(in, (char *)data + done, bytes - done);
    CHECK(got > 0);
    done += (size_t)got;
  }
}
static void meet(void) {
  char token = 0;
  give(&token, 1);
  take(&token, 1);
}

static void fill(void *memory, int value) { OK(aclrtMemset(memory, BYTES, value, BYTES)); }
static int byte_of(const void *memory, size_t at) {
  uint8_t byte;
  OK(aclrtMemcpy(&byte, 1, (const uint8_t *)memory + at, 1, ACL_MEMCPY_DEVICE_TO_HOST));
  return byte;
}

static void importer(void) {
  char key[KEY_BYTES];
  void *memory = NULL;
  int32_t pid;
  int codes[5];
  take(key, sizeof key);
  codes[0] = aclrtIpcMemImportByKey(&memory, key, 0); /* not allowed yet */
  OK(aclrtDeviceGetBareTgid(&pid));
  give(&pid, sizeof pid);
  meet();
  OK(aclrtIpcMemImportByKey(&memory, key, 0));
  codes[1] = aclrtIpcMemImportByKey(&memory, key, 0);
  codes[2] = byte_of(memory, BYTES - 1);
  fill(memory, 22);
  meet();
  meet(); /* the owner has freed it */
  codes[3] = byte_of(memory, 5) >= 0; /* still there; with which bytes, nothing promises */
  meet(); /* where it may be killed */
  OK(aclrtIpcMemClose(key));
  codes[4] = aclrtIpcMemClose(key);
  give(codes, sizeof codes);
}

static void exporter(pid_t other, bool kills) {
  char key[KEY_BYTES], none[KEY_BYTES] = "no such key";
  void *memory;
  int32_t pid;
  OK(aclrtMalloc(&memory, BYTES, ACL_MEM_MALLOC_HUGE_FIRST));
  fill(memory, 11);
  OK(aclrtIpcMemGetExportKey(memory, BYTES, key, sizeof key, 0));
  printf("own key %d, no key %d, of host memory %d, short %d\n", aclrtIpcMemImportByKey(&memory, key, 0), aclrtIpcMemClose(none),
         aclrtIpcMemGetExportKey(key, 8, none, sizeof none, 0), aclrtIpcMemGetExportKey(memory, BYTES, none, 8, 0));
  give(key, sizeof key);
  take(&pid, sizeof pid);
  OK(aclrtIpcMemSetImportPid(key, &pid, 1));
  meet();
  meet(); /* it was written */
  printf("written by the other: %d\n", byte_of(memory, BYTES / 2));
  OK(aclrtFree(memory));
  meet();
  if (kills) {
    char token;
    take(&token, 1);
    CHECK(kill(other, SIGKILL) == 0);
    return;
  }
  meet();
  int codes[5];
  take(codes, sizeof codes);
  printf("too early %d, twice %d, read %d, readable after its end %d, closed twice %d\n", codes[0], codes[1], codes[2], codes[3], codes[4]);
}

int main(int argc, char **argv) {
  bool kills = argc == 3 && strcmp(argv[2], "killed") == 0;
  CHECK(argc == 2 || kills);
  int down[2], up[2];
  CHECK(pipe(down) == 0 && pipe(up) == 0);
  pid_t other = fork();
  CHECK(other >= 0);
  in = other == 0 ? down[0] : up[0];
  out = other == 0 ? up[1] : down[1];
  OK(aclInit(NULL));
  OK(aclrtSetDevice(0));
  if (other == 0) importer();
  else exporter(other, kills);
  OK(aclrtResetDevice(0));
  OK(aclFinalize());
  if (other == 0) return 0;
  int status;
  CHECK(waitpid(other, &status, 0) == other);
  printf("the other: %s\n", WIFEXITED(status) && WEXITSTATUS(status) == 0 ? "ended" : "killed");
  return 0;
}
