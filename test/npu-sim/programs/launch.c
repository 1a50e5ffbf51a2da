/* Kernel binaries, good and bad, and argument handles with placeholders. */
#include <unistd.h>

#include "check.h"

static char *read_all(const char *path, size_t *bytes) {
  FILE *file = fopen(path, "rb");
  CHECK(file != NULL);
  fseek(file, 0, SEEK_END);
  *bytes = (size_t)ftell(file);
  rewind(file);
  char *data = malloc(*bytes);
  CHECK(fread(data, 1, *bytes, file) == *bytes);
  fclose(file);
  return data;
}

/* Refused with 107000, and the message names the file and says why. */
static void refused(const char *path, const char *why) {
  aclrtBinHandle binary = NULL;
  aclError error = aclrtBinaryLoadFromFile(path, NULL, &binary);
  const char *message = aclGetRecentErrMsg();
  if (error != ACL_ERROR_RT_PARAM_INVALID || message == NULL || strstr(message, path) == NULL || strstr(message, why) == NULL) {
    printf("not ok %s: %d, %s\n", path, error, message ? message : "no message");
    exit(1);
  }
}

static void write_file(const char *path, const void *data, size_t bytes) {
  FILE *file = fopen(path, "wb");
  CHECK(file != NULL && fwrite(data, 1, bytes, file) == bytes);
  fclose(file);
}

static void bad_binaries(const char *folder) {
  size_t bytes = 0;
  char *good = read_all(kernel_path, &bytes);
  char path[4096];
  snprintf(path, sizeof path, "%s/missing.o", folder);
  refused(path, "No such file");
  snprintf(path, sizeof path, "%s/text.o", folder);
  write_file(path, "this is not a kernel binary, though it is long enough to hold the header of one .....", 80);
  refused(path, "no ELF");
  snprintf(path, sizeof path, "%s/empty.o", folder);
  write_file(path, "", 0);
  refused(path, "empty");
  snprintf(path, sizeof path, "%s/torn.o", folder);
  for (size_t keep = 16; keep < bytes; keep = keep * 3 / 2 + 1) {
    write_file(path, good, keep);
    aclrtBinHandle binary = NULL;
    aclError error = aclrtBinaryLoadFromFile(path, NULL, &binary);
    CHECK(error == ACL_ERROR_RT_PARAM_INVALID || keep > bytes / 2); /* the tail holds symbols only the linker reads */
    if (error == ACL_SUCCESS) OK(aclrtBinaryUnLoad(binary));
    unlink(path);
  }
  good[18] ^= 0x55; /* e_machine */
  snprintf(path, sizeof path, "%s/machine.o", folder);
  write_file(path, good, bytes);
  refused(path, "another machine");
  refused("/proc/self/exe", "/proc/self/exe");
  refused(folder, "not a file");
  aclrtBinHandle binary = NULL;
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtBinaryLoadFromData(good, bytes, NULL, &binary));
  free(good);
}

static void binaries(void) {
  size_t bytes = 0;
  char *data = read_all(kernel_path, &bytes);
  aclrtBinHandle from_data = NULL, again = NULL;
  aclrtFuncHandle function = NULL, same = NULL;
  OK(aclrtBinaryLoadFromData(data, bytes, NULL, &from_data));
  OK(aclrtBinaryLoadFromData(data, bytes, NULL, &again));
  CHECK(from_data != again);
  free(data);
  OK(aclrtBinaryGetFunction(from_data, "sum", &function));
  OK(aclrtBinaryGetFunction(from_data, "sum", &same));
  CHECK(function == same);
  char name[32];
  OK(aclrtGetFunctionName(function, sizeof name, name));
  CHECK(strcmp(name, "sum") == 0);
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtGetFunctionName(function, 3, name));
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtBinaryGetFunction(from_data, "no_such_kernel", &same));
  CHECK(strstr(aclGetRecentErrMsg(), "no_such_kernel") != NULL);
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtBinaryGetFunction(from_data, "incomplete", &same));
  CHECK(strstr(aclGetRecentErrMsg(), "incomplete__work") != NULL);
  EXPECT(ACL_ERROR_RT_INVALID_HANDLE, aclrtBinaryGetFunction(function, "sum", &same));
  /* What is queued when a binary is unloaded still runs; the handles end at once. */
  aclrtStream stream = new_stream();
  uint64_t *out = device_words(2);
  struct { uint64_t *out; const uint64_t *list; uint64_t count; } args = {out, out + 1, 1};
  launch_mix_on(stream, 48, out + 1, 1, 0, 31, (npu_sim_work){0, 0, 1000000000, 0});
  OK(aclrtLaunchKernelWithHostArgs(function, 1, stream, NULL, &args, sizeof args, NULL, 0));
  OK(aclrtBinaryUnLoad(from_data));
  EXPECT(ACL_ERROR_RT_INVALID_HANDLE, aclrtBinaryUnLoad(from_data));
  EXPECT(ACL_ERROR_RT_INVALID_HANDLE, aclrtLaunchKernelWithHostArgs(function, 1, stream, NULL, &args, sizeof args, NULL, 0));
  OK(aclrtSynchronizeStream(stream));
  CHECK(word(out) == 31);
  OK(aclrtBinaryUnLoad(again));
  aclrtBinaryLoadOption option;
  memset(&option, 0, sizeof option);
  option.type = (aclrtBinaryLoadOptionType)77;
  aclrtBinaryLoadOptions options = {&option, 1};
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtBinaryLoadFromFile(kernel_path, &options, &again));
  option.type = ACL_RT_BINARY_LOAD_OPT_LAZY_LOAD;
  option.value.isLazyLoad = 1;
  OK(aclrtBinaryLoadFromFile(kernel_path, &options, &again));
  OK(aclrtBinaryUnLoad(again));
  OK(aclrtDestroyStream(stream));
}

/* Fills an argument handle for sum: a pointer, a placeholder with `count` values, and the count. */
static void fill(aclrtArgsHandle args, uint64_t *out, uint64_t count, aclrtParamHandle *last) {
  aclrtParamHandle param = NULL, place = NULL;
  OK(aclrtKernelArgsAppend(args, &out, sizeof out, &param));
  OK(aclrtKernelArgsAppendPlaceHolder(args, &place));
  OK(aclrtKernelArgsAppend(args, &count, sizeof count, last));
  void *buffer = NULL;
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtKernelArgsGetPlaceHolderBuffer(args, param, 8, &buffer));
  OK(aclrtKernelArgsGetPlaceHolderBuffer(args, place, count * 8, &buffer));
  for (uint64_t i = 0; i < count; i++) ((uint64_t *)buffer)[i] = i + 1;
  EXPECT(ACL_ERROR_RT_FEATURE_NOT_SUPPORT, aclrtKernelArgsAppend(args, &count, sizeof count, &param));
}

static void arguments(void) {
  aclrtStream stream = new_stream();
  aclrtFuncHandle function = kernel("sum");
  uint64_t *out = device_words(3);
  aclrtArgsHandle args = NULL;
  aclrtParamHandle count = NULL;
  OK(aclrtKernelArgsInit(function, &args));
  fill(args, out, 100, &count);
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtLaunchKernelWithConfig(function, 1, stream, NULL, args, NULL));
  OK(aclrtKernelArgsFinalize(args));
  OK(aclrtLaunchKernelWithConfig(function, 1, stream, NULL, args, NULL));
  /* Change one value and launch again: the first launch has its own copy. */
  uint64_t fifty = 50;
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtKernelArgsParaUpdate(args, count, &fifty, 4));
  OK(aclrtKernelArgsParaUpdate(args, count, &fifty, sizeof fifty));
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtLaunchKernelWithConfig(function, 1, stream, NULL, args, NULL));
  OK(aclrtKernelArgsFinalize(args));
  OK(aclrtSynchronizeStream(stream));
  CHECK(word(out) == 5050);
  OK(aclrtLaunchKernelWithConfig(function, 1, stream, NULL, args, NULL));
  OK(aclrtSynchronizeStream(stream));
  CHECK(word(out) == 1275);
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtLaunchKernelWithConfig(kernel("mix"), 1, stream, NULL, args, NULL));
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtLaunchKernelWithConfig(function, 1, stream, NULL, args, &fifty));
  /* The same in memory of the caller. */
  size_t handle_bytes = 0, bytes = 0;
  OK(aclrtKernelArgsGetHandleMemSize(function, &handle_bytes));
  OK(aclrtKernelArgsGetMemSize(function, 24 + 800, &bytes));
  CHECK(bytes >= 824);
  void *handle = calloc(1, handle_bytes), *memory = calloc(1, bytes);
  EXPECT(ACL_ERROR_RT_INVALID_HANDLE, aclrtKernelArgsFinalize(handle));
  OK(aclrtKernelArgsInitByUserMem(function, handle, memory, bytes));
  fill(handle, out + 1, 100, &count);
  OK(aclrtKernelArgsFinalize(handle));
  OK(aclrtLaunchKernelWithConfig(function, 1, stream, NULL, handle, NULL));
  memset(memory, 0, bytes);
  free(memory);
  free(handle);
  OK(aclrtSynchronizeStream(stream));
  CHECK(word(out + 1) == 5050);
  /* Host arguments: (where the pointer is, where its data is). More than fits a task, too. */
  enum { COUNT = 1000 };
  uint64_t host_args[3 + COUNT] = {(uint64_t)(uintptr_t)(out + 2), 0, COUNT};
  for (uint64_t i = 0; i < COUNT; i++) host_args[3 + i] = i;
  aclrtPlaceHolderInfo place = {8, 24};
  OK(aclrtLaunchKernelWithHostArgs(function, 1, stream, NULL, host_args, sizeof host_args, &place, 1));
  CHECK(host_args[1] == 0); /* only the copy is changed */
  memset(host_args, 0, sizeof host_args);
  OK(aclrtSynchronizeStream(stream));
  CHECK(word(out + 2) == 499500);
  place.addrOffset = sizeof host_args - 4;
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtLaunchKernelWithHostArgs(function, 1, stream, NULL, host_args, sizeof host_args, &place, 1));
  aclrtLaunchKernelCfg config = {NULL, 1};
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtLaunchKernelWithHostArgs(function, 1, stream, &config, host_args, sizeof host_args, NULL, 0));
  OK(aclrtDestroyStream(stream));
}

int main(int argc, char **argv) {
  CHECK(argc > 2);
  start(argc, argv);
  bad_binaries(argv[2]);
  puts("ok bad binaries");
  binaries();
  puts("ok binaries");
  arguments();
  puts("ok arguments");
  end();
  return 0;
}
