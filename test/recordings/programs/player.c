/*
 * Makes the calls of a recorded program, one a line of its text (program.ts), in their order and with live handles, and
 * says of each what it returned. An ordinary AscendCL program: linked to libascendcl.so and to the operators, it knows
 * nothing of FlexNPU. What memory holds is said before it is given back, and answers at the end of each step; the copies
 * for that are the only calls of AscendCL that are not recorded. With a second argument another thread of the program uses
 * the device, too, from the line `#MARK ctx_ready` to the last step's end (neighbour.c).
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aclnnop.h"
#include "contents.h"
#include "neighbour.h"

#define MOST 64
#define PAGEABLE (1 << 21)

/* What the program holds, by the numbers that its text gives them. */
static struct {
  char *memory[MOST];
  aclTensor *tensors[MOST];
  aclTensorList *lists[2];
  aclIntArray *array;
  aclScalar *scalar;
  aclrtStream stream;
  aclrtDrvMemHandle physical;
  aclmdlRI graph;
  aclOpExecutor *executor;
  void *pageable;
} held;

static uint64_t line_number;
static char *rest; /* of the line, behind what was read */

static int64_t number(void) {
  char *end;
  int64_t value = strtoll(rest, &end, 10);
  if (end == rest) {
    fprintf(stderr, "line %llu: a number is missing\n", (unsigned long long)line_number);
    exit(2);
  }
  rest = end;
  return value;
}
static size_t size(void) { return (size_t)number(); }
static bool more(void) { return *rest != '\0'; }

static unsigned slot(void) {
  size_t value = size();
  if (value < MOST) return (unsigned)value;
  fprintf(stderr, "line %llu: there is no number %zu\n", (unsigned long long)line_number, value);
  exit(2);
}
static aclTensor *tensor_here(void) { return held.tensors[slot()]; }

static const char *word(void) {
  while (*rest == ' ') rest++;
  char *begin = rest;
  while (*rest != '\0' && *rest != ' ') rest++;
  if (*rest == ' ') *rest++ = '\0';
  return begin;
}

static bool is(const char *name, const char *other) { return strcmp(name, other) == 0; }

/* What the call of this line returned, and answered. */
static void said(const char *name, int code, const char *format, ...) {
  printf("%llu %s %d", (unsigned long long)line_number, name, code);
  va_list values;
  va_start(values, format);
  vprintf(format, values);
  va_end(values);
  putchar('\n');
}
static void code(const char *name, int returned) { said(name, returned, "%s", ""); }
static void made(const char *name, const void *object) { code(name, object != NULL ? 0 : -1); }

static aclrtPhysicalMemProp pool_property(void) {
  aclrtPhysicalMemProp property;
  memset(&property, 0, sizeof property);
  property.memAttr = ACL_HBM_MEM_HUGE;
  property.location.type = ACL_MEM_LOCATION_TYPE_DEVICE;
  return property;
}

/* ---- device, streams, graphs ---- */

static bool device_call(const char *name) {
  uint32_t count = 0;
  size_t free_bytes = 0, total = 0;
  if (is(name, "aclInit")) code(name, aclInit(NULL));
  else if (is(name, "aclrtSetDevice")) code(name, aclrtSetDevice(0));
  else if (is(name, "aclrtResetDevice")) code(name, aclrtResetDevice(0));
  else if (is(name, "aclrtSynchronizeDevice")) code(name, aclrtSynchronizeDevice());
  else if (is(name, "aclrtCreateStream")) code(name, aclrtCreateStream(&held.stream));
  else if (is(name, "aclrtDestroyStream")) code(name, aclrtDestroyStream(held.stream));
  else if (is(name, "aclrtSynchronizeStream")) code(name, aclrtSynchronizeStream(held.stream));
  else if (is(name, "aclmdlRICaptureBegin")) code(name, aclmdlRICaptureBegin(held.stream, ACL_MODEL_RI_CAPTURE_MODE_GLOBAL));
  else if (is(name, "aclmdlRICaptureEnd")) code(name, aclmdlRICaptureEnd(held.stream, &held.graph));
  else if (is(name, "aclmdlRIExecuteAsync")) code(name, aclmdlRIExecuteAsync(held.graph, held.stream));
  else if (is(name, "aclmdlRIDestroy")) code(name, aclmdlRIDestroy(held.graph));
  else if (is(name, "aclrtGetDeviceCount")) {
    aclError error = aclrtGetDeviceCount(&count);
    said(name, error, " %u", count);
  } else if (is(name, "aclrtGetSocName")) {
    const char *soc = aclrtGetSocName();
    said(name, 0, " %s", soc != NULL ? soc : "none");
  } else if (is(name, "aclrtGetMemInfo")) {
    /* What is free is not said: others may have the device, too. */
    aclError error = aclrtGetMemInfo(ACL_HBM_MEM, &free_bytes, &total);
    said(name, error, " %zu %s", total, free_bytes > 0 && free_bytes <= total ? "some free" : "none free");
  } else if (is(name, "aclrtMemGetAllocationGranularity")) {
    aclrtPhysicalMemProp property = pool_property();
    aclError error = aclrtMemGetAllocationGranularity(&property, ACL_RT_MEM_ALLOC_GRANULARITY_RECOMMENDED, &total);
    said(name, error, " %zu", total);
  } else return false;
  return true;
}

/* ---- memory ---- */

/* Says what the intervals that follow in the line hold, which are in host or device memory. */
static void say_contents(const char *memory, aclrtMemcpyKind kind) {
  while (more()) {
    size_t offset = size(), bytes = size();
    uint64_t digest = 0;
    aclError error = contents_digest(memory + offset, bytes, kind, &digest);
    printf("contents %zu %zu %d %016llx\n", offset, bytes, (int)error, (unsigned long long)digest);
  }
}

static aclError copy(bool waits) {
  aclrtMemcpyKind kind = (aclrtMemcpyKind)number();
  unsigned on_device = slot();
  size_t offset = size(), bytes = size();
  int64_t on_host = number();
  char *device = held.memory[on_device] + offset, *host = held.pageable;
  if (on_host >= 0 && on_host < MOST) host = held.memory[on_host] + (kind == ACL_MEMCPY_HOST_TO_DEVICE ? offset : 0);
  else if (bytes > PAGEABLE) return -1;
  if (kind == ACL_MEMCPY_HOST_TO_DEVICE) contents_make(host, bytes, line_number);
  void *to = kind == ACL_MEMCPY_HOST_TO_DEVICE ? device : host, *from = to == device ? host : device;
  return waits ? aclrtMemcpy(to, bytes, from, bytes, kind) : aclrtMemcpyAsync(to, bytes, from, bytes, kind, held.stream);
}

static bool memory_call(const char *name) {
  aclrtPhysicalMemProp property = pool_property();
  if (is(name, "aclrtMemcpy") || is(name, "aclrtMemcpyAsync")) return code(name, copy(is(name, "aclrtMemcpy"))), true;
  if (is(name, "aclrtMallocPhysical")) return code(name, aclrtMallocPhysical(&held.physical, size(), &property, 0)), true;
  if (is(name, "aclrtFreePhysical")) return code(name, aclrtFreePhysical(held.physical)), true;
  if (strncmp(name, "aclrt", 5) != 0) return false;
  unsigned at = slot();
  char **memory = &held.memory[at];
  void *given = NULL;
  if (is(name, "aclrtMalloc")) code(name, aclrtMalloc(&given, size(), ACL_MEM_MALLOC_HUGE_FIRST)), *memory = given;
  else if (is(name, "aclrtMallocHost")) code(name, aclrtMallocHost(&given, size())), *memory = given;
  else if (is(name, "aclrtReserveMemAddress")) code(name, aclrtReserveMemAddress(&given, size(), 0, NULL, 1)), *memory = given;
  else if (is(name, "aclrtMapMem")) code(name, aclrtMapMem(*memory, size(), 0, held.physical, 0));
  else if (is(name, "aclrtReleaseMemAddress")) code(name, aclrtReleaseMemAddress(*memory));
  else if (is(name, "aclrtFree")) say_contents(*memory, ACL_MEMCPY_DEVICE_TO_HOST), code(name, aclrtFree(*memory));
  else if (is(name, "aclrtUnmapMem")) say_contents(*memory, ACL_MEMCPY_DEVICE_TO_HOST), code(name, aclrtUnmapMem(*memory));
  else if (is(name, "aclrtFreeHost")) say_contents(*memory, ACL_MEMCPY_HOST_TO_HOST), code(name, aclrtFreeHost(*memory));
  else if (is(name, "aclrtMemset")) {
    size_t bytes = size();
    code(name, aclrtMemset(*memory, bytes, 0, bytes));
  } else return false;
  return true;
}

/* ---- operands and operators ---- */

static aclTensor *new_tensor(const char *type) {
  char *memory = held.memory[slot()];
  if (memory != NULL) memory += size();
  int64_t dims[8];
  uint64_t rank = 0;
  while (more() && rank < 8) dims[rank++] = number();
  aclDataType is_type = is(type, "FLOAT") ? ACL_FLOAT : is(type, "FLOAT16") ? ACL_FLOAT16 : ACL_INT32;
  return aclCreateTensor(dims, rank, is_type, NULL, 0, ACL_FORMAT_ND, dims, rank, memory);
}

static bool operand_call(const char *name) {
  if (is(name, "aclCreateTensor")) {
    unsigned at = slot();
    made(name, held.tensors[at] = new_tensor(word()));
  } else if (is(name, "aclDestroyTensor")) code(name, aclDestroyTensor(tensor_here()));
  else if (is(name, "aclCreateTensorList")) {
    unsigned at = slot() % 2;
    const aclTensor *of = tensor_here();
    made(name, held.lists[at] = aclCreateTensorList(&of, 1));
  } else if (is(name, "aclDestroyTensorList")) code(name, aclDestroyTensorList(held.lists[slot() % 2]));
  else if (is(name, "aclCreateIntArray")) {
    uint64_t count = size() % 9;
    int64_t values[8], first = number();
    for (int i = 0; i < 8; i++) values[i] = first + i;
    made(name, held.array = aclCreateIntArray(values, count));
  } else if (is(name, "aclDestroyIntArray")) code(name, aclDestroyIntArray(held.array));
  else if (is(name, "aclCreateScalar")) {
    float one = 1;
    made(name, held.scalar = aclCreateScalar(&one, ACL_FLOAT));
  } else if (is(name, "aclDestroyScalar")) code(name, aclDestroyScalar(held.scalar));
  else return false;
  return true;
}

static bool operator_call(const char *name) {
  if (strncmp(name, "aclnn", 5) != 0) return false;
  aclTensor *t[4] = {NULL};
  uint64_t bytes = 0;
  for (int i = 0; i < 4 && more(); i++) t[i] = tensor_here();
#define CALL(kind, ...)                                                                            \
  if (is(name, "aclnn" #kind "GetWorkspaceSize"))                                                  \
    return code(name, aclnn##kind##GetWorkspaceSize(__VA_ARGS__, &bytes, &held.executor)), true;   \
  if (is(name, "aclnn" #kind)) return code(name, aclnn##kind(NULL, 0, held.executor, held.stream)), true;
#define NO NULL
#define NO4 NULL, NULL, NULL, NULL
  CALL(Mm, t[0], t[1], t[2], 2)
  CALL(Add, t[0], t[1], held.scalar, t[2])
  CALL(Cast, t[0], ACL_FLOAT16, t[1])
  CALL(Mul, t[0], t[1], t[2])
  CALL(RmsNorm, t[0], t[1], 1e-6, t[2], t[3])
  CALL(RotaryPositionEmbedding, t[0], t[1], t[2], 0, t[3])
  CALL(InplaceIndexCopy, t[0], 0, t[1], t[2])
  CALL(InplaceMul, t[0], t[1])
  CALL(Silu, t[0], t[1])
  CALL(FusedInferAttentionScoreV2, t[0], held.lists[0], held.lists[1], t[1], NO, NO, NO, NO4, NO, NO, NO, NO, NO, NO,
           NO4, NO, NO, NO, 4, 0.088388, 65535, 65535, (char[]){"BSND"}, 2, 0, 2, 0, 0, false, 0, 0, t[2], NO)
  CALL(TransMatmulWeight, t[0])
  CALL(GatherV2, t[0], 0, t[1], t[2])
  CALL(Repeat, t[0], held.array, t[1])
  CALL(Sin, t[0], t[1])
  CALL(Cos, t[0], t[1])
  CALL(InplaceFillScalar, t[0], held.scalar)
  return false;
}

static bool with_neighbour;

static void mark(void) {
  const char *name = word();
  printf("mark %s\n", name);
  if (with_neighbour && is(name, "ctx_ready")) neighbour_begin();
  if (is(name, "decode3_end")) neighbour_end();
  if (!more()) return;
  const char *answer = held.memory[slot()];
  uint64_t digest = 0;
  (void)contents_digest(answer, size(), ACL_MEMCPY_HOST_TO_HOST, &digest);
  printf("answer %016llx\n", (unsigned long long)digest);
}

int main(int argc, char **argv) {
  FILE *text = argc == 2 || argc == 3 ? fopen(argv[1], "r") : NULL;
  with_neighbour = argc == 3;
  held.pageable = malloc(PAGEABLE);
  if (text == NULL || held.pageable == NULL) {
    fprintf(stderr, "usage: player PROGRAM [neighbour]\n");
    return 2;
  }
  char line[4096];
  while (fgets(line, sizeof line, text) != NULL) {
    line[strcspn(line, "\n")] = '\0';
    line_number++;
    rest = line;
    const char *name = word();
    if (strncmp(name, "aclnn", 5) == 0 || is(name, "aclmdlRIExecuteAsync")) neighbour_go();
    if (is(name, "#MARK")) mark();
    else if (!device_call(name) && !operand_call(name) && !operator_call(name) && !memory_call(name)) {
      fprintf(stderr, "line %llu: cannot call %s\n", (unsigned long long)line_number, name);
      return 2;
    }
  }
  fclose(text);
  free(held.pageable);
  return 0;
}
