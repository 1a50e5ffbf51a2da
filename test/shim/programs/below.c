/*
 * A program that calls the runtime below AscendCL, as ATB does: streams, memory, copies and launches by rt*, between calls
 * of AscendCL on the same streams. Argument: kernel binary.
 */
#include "program.h"
#include "runtime/rt.h"

static rtDevBinary_t read_binary(const char *path) {
  FILE *file = fopen(path, "rb");
  CHECK(file != NULL && fseek(file, 0, SEEK_END) == 0);
  size_t bytes = (size_t)ftell(file);
  rewind(file);
  void *data = malloc(bytes);
  CHECK(data != NULL && fread(data, 1, bytes, file) == bytes && fclose(file) == 0);
  return (rtDevBinary_t){.magic = RT_DEV_BINARY_MAGIC_ELF, .data = data, .length = bytes};
}

static int append_stub, list_stub; /* their addresses name the kernels */

/* Arguments with a list behind them, whose address the runtime fills in; all of it spoiled afterwards. */
static void launch_list(rtStream_t stream, device_log *log, uint64_t first) {
  struct {
    append_list_args args;
    uint64_t list[3];
  } all = {{log, NULL, 3, 1000}, {first, first + 1, first + 2}};
  rtHostInputInfo_t input = {offsetof(append_list_args, list), sizeof all.args};
  rtArgsEx_t info = {.args = &all, .hostInputInfoPtr = &input, .argsSize = sizeof all, .hostInputInfoNum = 1};
  rtSmDesc_t memory = {.size = 1};
  rtTaskCfgInfo_t settings = {.schemMode = 1};
  OK(rtKernelLaunchWithFlagV2(&list_stub, 4, &info, &memory, stream, 0, &settings));
  memset(&all, 0xee, sizeof all);
  memset(&input, 0xee, sizeof input);
  memset(&info, 0xee, sizeof info);
  memset(&memory, 0xee, sizeof memory);
  memset(&settings, 0xee, sizeof settings);
}

int main(int argc, char **argv) {
  CHECK(argc == 2);
  OK(aclInit(NULL));
  OK(rtSetDevice(0));
  rtDevBinary_t file = read_binary(argv[1]);
  void *binary = NULL;
  OK(rtDevBinaryRegister(&file, &binary));
  OK(rtFunctionRegister(binary, &append_stub, "append", "append", 0));
  OK(rtFunctionRegister(binary, &list_stub, "list", "append_list", 0));
  rtStream_t stream = NULL, rival = NULL;
  OK(rtStreamCreate(&stream, 0));
  OK(rtStreamCreate(&rival, 0));
  void *memory[2];
  for (int i = 0; i < 2; i++) {
    OK(rtMalloc(&memory[i], sizeof(device_log), RT_MEMORY_HBM, 0));
    OK(rtMemsetAsync(memory[i], sizeof(device_log), 0, sizeof(device_log), stream));
  }
  OK(rtStreamSynchronize(stream));
  aclrtEvent event = new_event();
  device_log *pinned = NULL, pageable;
  OK(rtMallocHost((void **)&pinned, sizeof *pinned, 0));
  for (uint64_t round = 1; round <= 12; round++) {
    append_args busy = {memory[1], round, SLOW_BYTES / 4}, args = {memory[0], round * 16, SLOW_BYTES / 20};
    OK(rtKernelLaunch(&append_stub, 4, &busy, sizeof busy, NULL, rival));
    OK(rtKernelLaunch(&append_stub, 4, &args, sizeof args, NULL, stream));
    memset(&args, 0xee, sizeof args);
    launch_list(stream, memory[0], round * 16 + 1);
    OK(rtEventRecord(event, stream));
    OK(rtStreamWaitEvent(rival, event));
    OK(rtMemcpyAsync(pinned, sizeof *pinned, memory[0], sizeof *pinned, RT_MEMCPY_DEVICE_TO_HOST, rival));
  }
  OK(rtStreamSynchronize(rival));
  printf("%llu values, digest %016llx\n", (unsigned long long)pinned->count, (unsigned long long)pinned->digest);
  OK(rtMemcpy(&pageable, sizeof pageable, memory[0], sizeof pageable, RT_MEMCPY_DEVICE_TO_HOST));
  CHECK(memcmp(&pageable, pinned, sizeof pageable) == 0);
  for (uint64_t i = 0; i < LOG_ENTRIES && i < pageable.count; i++) printf(" %llx", (unsigned long long)pageable.entries[i]);
  printf("\n");
  OK(rtFreeHost(pinned));
  for (int i = 0; i < 2; i++) OK(rtFree(memory[i]));
  OK(rtStreamDestroy(rival));
  OK(rtStreamDestroy(stream));
  OK(rtDevBinaryUnRegister(binary));
  free((void *)(uintptr_t)file.data);
  OK(rtDeviceReset(0));
  OK(aclFinalize());
  return 0;
}
