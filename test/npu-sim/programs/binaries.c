/* Kernel binaries: loaded from a description, heard of when their kernels fail, found on the device, their variables. */
#include <stdatomic.h>

#include "check.h"

/* The kernel binary's bytes. */
static char *file_bytes(size_t *bytes) {
  FILE *file = fopen(kernel_path, "rb");
  CHECK(file != NULL && fseek(file, 0, SEEK_END) == 0);
  *bytes = (size_t)ftell(file);
  rewind(file);
  char *data = malloc(*bytes);
  CHECK(data != NULL && fread(data, 1, *bytes, file) == *bytes);
  fclose(file);
  return data;
}

static aclrtBinHandle load_described(void) {
  size_t bytes = 0;
  char *data = file_bytes(&bytes);
  aclrtBinary binary = aclrtCreateBinary(data, bytes);
  CHECK(binary != NULL);
  aclrtBinHandle handle = NULL;
  OK(aclrtBinaryLoad(binary, &handle));
  OK(aclrtDestroyBinary(binary));
  free(data);
  return handle;
}

static void described(void) {
  aclrtStream stream = new_stream();
  uint64_t *data = device_words(1);
  aclrtBinHandle handle = load_described();
  aclrtFuncHandle mix = NULL;
  OK(aclrtBinaryGetFunction(handle, "mix", &mix));
  CHECK(mix != kernel("mix"));
  mix_args args = {data, 1, 0, 12, {0, 100, 100, 0}};
  OK(aclrtLaunchKernelWithHostArgs(mix, 1, stream, NULL, &args, sizeof args, NULL, 0));
  OK(aclrtSynchronizeStream(stream));
  CHECK(word(data) == 12);
  OK(aclrtBinaryUnLoad(handle));
  char wrong[64] = "no kernels";
  aclrtBinary binary = aclrtCreateBinary(wrong, sizeof wrong), empty = aclrtCreateBinary(wrong, 0);
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtBinaryLoad(binary, &handle));
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtBinaryLoad(empty, &handle));
  EXPECT(ACL_ERROR_INVALID_PARAM, aclrtBinaryLoad(NULL, &handle));
  EXPECT(ACL_ERROR_INVALID_PARAM, aclrtBinaryLoad(binary, NULL));
  OK(aclrtDestroyBinary(binary));
  OK(aclrtDestroyBinary(empty));
  EXPECT(ACL_ERROR_INVALID_PARAM, aclrtDestroyBinary(NULL));
  CHECK(aclrtCreateBinary(NULL, 8) == NULL);
  OK(aclrtFree(data));
  OK(aclrtDestroyStream(stream));
}

static atomic_int first_heard, second_heard, all_heard;
static _Atomic(aclrtFuncHandle) heard_function;

static void on_first(aclrtExceptionInfo *info, void *data) {
  if (aclrtGetErrorCodeFromExceptionInfo(info) == ACL_ERROR_RT_AICORE_EXCEPTION && data == &first_heard) atomic_fetch_add(&first_heard, 1);
}
static void on_second(aclrtExceptionInfo *info, void *data) {
  aclrtFuncHandle function = NULL;
  if (aclrtGetFuncHandleFromExceptionInfo(info, &function) == ACL_SUCCESS) atomic_store(&heard_function, function);
  if (data == NULL) atomic_fetch_add(&second_heard, 1);
}
static void on_all(aclrtExceptionInfo *info) {
  (void)info;
  atomic_fetch_add(&all_heard, 1);
}

/* Launches a kernel that fails. */
static void fail_in(aclrtFuncHandle ending) {
  aclrtStream stream = new_stream();
  uint64_t outcome = NPU_SIM_EXCEPTION;
  OK(aclrtLaunchKernelWithHostArgs(ending, 1, stream, NULL, &outcome, sizeof outcome, NULL, 0));
  EXPECT(ACL_ERROR_RT_AICORE_EXCEPTION, aclrtSynchronizeStream(stream));
  OK(aclrtDestroyStream(stream));
}

/* Who listens to a binary hears of its kernels and of no others. */
static void heard(void) {
  aclrtBinHandle other = load_described();
  aclrtFuncHandle others = NULL;
  OK(aclrtBinaryGetFunction(other, "ending", &others));
  OK(aclrtBinarySetExceptionCallback(kernel_binary, on_first, &first_heard));
  OK(aclrtSetExceptionInfoCallback(on_all));
  fail_in(kernel("ending"));
  CHECK(atomic_load(&first_heard) == 1 && atomic_load(&all_heard) == 1);
  fail_in(others);
  CHECK(atomic_load(&first_heard) == 1 && atomic_load(&all_heard) == 2);
  OK(aclrtSetExceptionInfoCallback(NULL));
  OK(aclrtBinarySetExceptionCallback(other, on_first, &first_heard));
  OK(aclrtBinarySetExceptionCallback(other, on_second, NULL)); /* the last one counts */
  fail_in(others);
  CHECK(atomic_load(&first_heard) == 1 && atomic_load(&second_heard) == 1 && atomic_load(&heard_function) == others);
  EXPECT(ACL_ERROR_INVALID_PARAM, aclrtBinarySetExceptionCallback(other, NULL, NULL));
  EXPECT(ACL_ERROR_INVALID_PARAM, aclrtBinarySetExceptionCallback(NULL, on_first, NULL));
  OK(aclrtBinaryUnLoad(other));
  EXPECT(ACL_ERROR_RT_INVALID_HANDLE, aclrtBinarySetExceptionCallback(other, on_first, NULL));
}

/* The image of the binary begins as its file does, and its functions lie in it. */
static void check_image(aclrtBinHandle handle) {
  void *image = NULL, *cube = NULL, *vector = NULL;
  size_t bytes = 0, cube_bytes = 0, vector_bytes = 0;
  aclrtFuncHandle function = NULL;
  OK(aclrtBinaryGetDevAddress(handle, &image, &bytes));
  OK(aclrtBinaryGetFunction(handle, "mix", &function));
  OK(aclrtGetFunctionAddr(function, &cube, &vector));
  OK(aclrtGetFunctionSize(function, &cube_bytes, &vector_bytes));
  CHECK(cube == vector && cube_bytes == vector_bytes && cube_bytes > 0);
  CHECK((char *)cube > (char *)image && (char *)cube + cube_bytes <= (char *)image + bytes);
  char magic[4] = "";
  OK(aclrtMemcpy(magic, sizeof magic, image, sizeof magic, ACL_MEMCPY_DEVICE_TO_HOST));
  CHECK(memcmp(magic, "\177ELF", sizeof magic) == 0);
}

static void on_devices(void) {
  size_t before = free_hbm(), bytes = 0;
  void *image = &bytes, *first = NULL, *second = NULL, *other = NULL;
  aclrtBinHandle handle = load_described(), lazy = NULL;
  check_image(handle);
  aclrtFuncHandle function = NULL;
  OK(aclrtBinaryGetFunction(handle, "mix", &function));
  OK(aclrtGetFunctionAddr(function, &first, &second));
  OK(aclrtSetDevice(1));
  OK(aclrtGetFunctionAddr(function, &other, &second));
  CHECK(other != first);
  OK(aclrtResetDevice(1));
  OK(aclrtSetDevice(1)); /* it is gone with all memory of the device, and there again when it is asked for */
  check_image(handle);
  OK(aclrtResetDevice(1));
  OK(aclrtSetDevice(0));
  OK(aclrtGetFunctionAddr(function, &other, &second));
  CHECK(other == first);
  OK(aclrtBinaryUnLoad(handle));
  EXPECT(ACL_ERROR_RT_INVALID_HANDLE, aclrtBinaryGetDevAddress(handle, &image, &bytes));
  EXPECT(ACL_ERROR_RT_INVALID_HANDLE, aclrtGetFunctionAddr(function, &first, &second));
  aclrtBinaryLoadOption option = {.type = ACL_RT_BINARY_LOAD_OPT_LAZY_LOAD, .value = {.isLazyLoad = 1}};
  aclrtBinaryLoadOptions options = {&option, 1};
  OK(aclrtBinaryLoadFromFile(kernel_path, &options, &lazy));
  OK(aclrtBinaryGetDevAddress(lazy, &image, &bytes));
  CHECK(image == NULL && bytes > 0);
  OK(aclrtBinaryUnLoad(lazy));
  EXPECT(ACL_ERROR_INVALID_PARAM, aclrtGetFunctionAddr(kernel("mix"), NULL, &second));
  CHECK(free_hbm() == before);
  OK(aclrtResetDevice(0)); /* the second reference */
}

static uint64_t count_on(aclrtStream stream, aclrtFuncHandle function, uint64_t step) {
  uint64_t *out = device_words(1), args[2] = {(uint64_t)(uintptr_t)out, step};
  OK(aclrtLaunchKernelWithHostArgs(function, 1, stream, NULL, args, sizeof args, NULL, 0));
  OK(aclrtSynchronizeStream(stream));
  uint64_t value = word(out);
  OK(aclrtFree(out));
  return value;
}

static void variables(void) {
  aclrtStream stream = new_stream();
  aclrtBinHandle handle = load_described();
  aclrtFuncHandle count = NULL;
  void *total = NULL;
  size_t bytes = 0;
  OK(aclrtBinaryGetFunction(handle, "count", &count));
  OK(aclrtBinaryGetGlobal(handle, "total", &total, &bytes));
  CHECK(bytes == sizeof(uint64_t) && word(total) == 40);
  CHECK(count_on(stream, count, 2) == 42 && word(total) == 42);
  set_word(total, 100);
  CHECK(count_on(stream, count, 5) == 105);
  uint64_t *other = device_words(1);
  OK(aclrtMemcpyAsync(other, 8, total, 8, ACL_MEMCPY_DEVICE_TO_DEVICE, stream));
  OK(aclrtMemsetAsync(total, 8, 0, 8, stream));
  OK(aclrtSynchronizeStream(stream));
  CHECK(word(other) == 105 && word(total) == 0);
  aclrtPtrAttributes what;
  OK(aclrtPointerGetAttributes(total, &what));
  CHECK(what.location.type == ACL_MEM_LOCATION_TYPE_DEVICE);
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtMemcpy(total, 16, other, 16, ACL_MEMCPY_DEVICE_TO_DEVICE));
  /* Another binary of the same file has its own. */
  void *same = NULL, *own = NULL;
  OK(aclrtBinaryGetGlobal(handle, "total", &same, NULL));
  OK(aclrtBinaryGetGlobal(kernel_binary, "total", &own, NULL));
  CHECK(same == total && own != total && word(own) == 40);
  OK(aclrtBinaryGetGlobal(handle, "total", NULL, &bytes));
  static const char *const none[] = {"nothing", "hidden", "constant", "count", "stdout", "npu_sim_kernel_outcome", ""};
  for (size_t i = 0; i < sizeof none / sizeof *none; i++) EXPECT(ACL_ERROR_RT_SYMBOL_NOT_FOUND, aclrtBinaryGetGlobal(handle, none[i], &same, &bytes));
  EXPECT(ACL_ERROR_INVALID_PARAM, aclrtBinaryGetGlobal(handle, "total", NULL, NULL));
  EXPECT(ACL_ERROR_INVALID_PARAM, aclrtBinaryGetGlobal(handle, NULL, &same, &bytes));
  OK(aclrtBinaryUnLoad(handle));
  EXPECT(ACL_ERROR_RT_INVALID_HANDLE, aclrtBinaryGetGlobal(handle, "total", &same, &bytes));
  OK(aclrtFree(other));
  OK(aclrtDestroyStream(stream));
}

int main(int argc, char **argv) {
  static const group groups[] = {
    {"described", described},
    {"heard of", heard},
    {"on devices", on_devices},
    {"variables", variables},
  };
  start(argc, argv);
  (void)RUN_GROUPS(groups, argc, argv);
  end();
  return 0;
}
