/*
 * A library as torch_npu is: linked to libascendcl.so, which it also asks for functions by name, and with its operators
 * from libopapi.so by name. Prepares on one thread and issues on another. Steps:
 *
 *     tnd:VERSION:LENGTH,LENGTH,...[:paged]   attention over sequences of these query lengths, by FusedInferAttentionScore
 *     LAYOUT:VERSION:BATCH,LENGTH[:paged]     the same for a padded batch; bsnd, bnsd, bsh
 *     prompt, incre, relu                     an operator that is known by name, or says nothing
 *     again                                   the newest attention once more, by its kept executor: phase 1 is skipped
 *     matmul:ROWS:COUNT                       products of a matrix with so many rows
 *     launch:COUNT                            kernels by aclrtLaunchKernelWithHostArgs of this library
 *     stream                                  what follows goes to a second stream, or back
 *     size                                    a function of libopapi.so that is no operator
 */
#include <dlfcn.h>
#include <pthread.h>
#include <stdbool.h>

#include "../programs/program.h"
#include "aclnn/acl_meta.h"

#define OUT __attribute__((visibility("default")))

typedef aclnnStatus (*phase2)(void *, uint64_t, aclOpExecutor *, aclrtStream);

static void *ascendcl, *opapi;
static kernels k;
static device_log *log_here;
static aclrtStream streams[2];
static int current;

static void *find(void *library, const char *name) {
  void *address = dlsym(library, name);
  if (address == NULL) {
    fprintf(stderr, "%s is not there: %s\n", name, dlerror());
    exit(1);
  }
  return address;
}
#define BY_NAME(name) ((__typeof__(&name))find(ascendcl, #name))
#define OF_OPERATORS(name) ((__typeof__(&name))find(opapi, #name))

/* One issue of a planned operator, on a thread that planned none. */
typedef struct issue {
  char name[96];
  uint64_t bytes;
  aclOpExecutor *executor;
  aclrtContext context;
  aclnnStatus status;
} issue;

static void *issue_thread(void *with) {
  issue *i = with;
  OK(aclrtSetCurrentContext(i->context));
  phase2 run = (phase2)find(opapi, i->name);
  i->status = run(log_here, i->bytes, i->executor, streams[current]);
  return NULL;
}

static void run_operator(const char *name, uint64_t bytes, aclOpExecutor *executor) {
  issue i = {.bytes = bytes, .executor = executor};
  snprintf(i.name, sizeof i.name, "%s", name);
  OK(aclrtGetCurrentContext(&i.context));
  pthread_t thread;
  CHECK(pthread_create(&thread, NULL, issue_thread, &i) == 0 && pthread_join(thread, NULL) == 0 && i.status == 0);
}

static aclTensor *tensor_of(const int64_t *dims, uint64_t rank) {
  return OF_OPERATORS(aclCreateTensor)(dims, rank, ACL_FLOAT16, NULL, 0, ACL_FORMAT_ND, dims, rank, NULL);
}

static char kept_name[96];
static uint64_t kept_bytes;
static aclOpExecutor *kept;

#define T const aclTensor *
#define L const aclTensorList *
#define A const aclIntArray *
#define HEAD T, L, L, T, T, A, A, T, T, T, T, T, T, T, T, T, T
#define TAIL int64_t, double, int64_t, int64_t, char *, int64_t, int64_t, int64_t, int64_t, int64_t, bool
#define END T, T, uint64_t *, aclOpExecutor **
typedef aclnnStatus (*fused1)(HEAD, TAIL, END);
typedef aclnnStatus (*fused2)(HEAD, T, T, T, T, T, T, A, TAIL, int64_t, int64_t, END);
typedef aclnnStatus (*fused3)(HEAD, T, T, T, T, T, T, A, T, T, T, TAIL, int64_t, int64_t, END);
typedef aclnnStatus (*fused4)(HEAD, T, T, T, T, T, T, A, T, T, T, T, T, TAIL, int64_t, int64_t, int64_t, END);
typedef aclnnStatus (*fused5)(HEAD, T, T, T, T, T, T, A, T, T, T, T, T, A, A, TAIL, int64_t, int64_t, int64_t, int64_t, END);

static void attention(const char *layout, int version, const aclTensor *query, const aclIntArray *lengths,
                      const aclTensor *table) {
  const aclTensor *one[1] = {query};
  aclTensorList *cache = OF_OPERATORS(aclCreateTensorList)(one, 1);
  char name[96], phase1[128], in[8];
  snprintf(name, sizeof name, version == 1 ? "aclnnFusedInferAttentionScore" : "aclnnFusedInferAttentionScoreV%d", version);
  snprintf(phase1, sizeof phase1, "%sGetWorkspaceSize", name);
  snprintf(in, sizeof in, "%s", layout);
  void *plan = find(opapi, phase1);
  uint64_t bytes = 0;
  aclOpExecutor *executor = NULL;
  aclnnStatus status = 1;
#define CALL_HEAD query, cache, cache, NULL, NULL, lengths, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, table, NULL, query
#define CALL_TAIL 32, 0.0883, 2147483647, 3, in, 8, 3, 1, 128, 0, true
#define CALL_END query, NULL, &bytes, &executor
#define N4 query, NULL, NULL, NULL
  switch (version) {
    case 1: status = ((fused1)plan)(CALL_HEAD, CALL_TAIL, CALL_END); break;
    case 2: status = ((fused2)plan)(CALL_HEAD, N4, NULL, NULL, lengths, CALL_TAIL, 1, 2, CALL_END); break;
    case 3: status = ((fused3)plan)(CALL_HEAD, N4, NULL, NULL, lengths, query, NULL, query, CALL_TAIL, 1, 2, CALL_END); break;
    case 4: status = ((fused4)plan)(CALL_HEAD, N4, NULL, NULL, NULL, query, NULL, query, NULL, query, CALL_TAIL, 1, 2, 3, CALL_END); break;
    default:
      status = ((fused5)plan)(CALL_HEAD, N4, NULL, NULL, NULL, query, NULL, query, NULL, query, lengths, NULL, CALL_TAIL, 1, 2, 3, 4, CALL_END);
  }
  CHECK(status == 0 && executor != NULL);
  CHECK(OF_OPERATORS(aclSetAclOpExecutorRepeatable)(executor) == 0);
  snprintf(kept_name, sizeof kept_name, "%s", name);
  kept = executor;
  kept_bytes = bytes;
  run_operator(name, bytes, executor);
  CHECK(OF_OPERATORS(aclDestroyTensorList)(cache) == 0);
}

static void attention_step(const char *step) {
  char layout[8] = "", numbers[256] = "", paged[8] = "";
  int version = 0, count = 0;
  CHECK(sscanf(step, "%7[a-z]:%d:%255[0-9,]:%7s", layout, &version, numbers, paged) >= 3);
  int64_t values[64], rows = 0;
  for (char *at = numbers; *at != '\0' && count < 64; at += *at == ',') {
    values[count] = strtoll(at, &at, 10);
    rows += values[count++];
  }
  for (char *c = layout; *c != '\0'; c++) *c = (char)(*c - 'a' + 'A');
  bool sums = layout[0] == 'T';
  int64_t batch = sums ? count : values[0];
  int64_t dims[4] = {rows, 32, 128, 128}, blocks[2] = {batch, 64};
  uint64_t rank = 3;
  if (strcmp(layout, "BSND") == 0) memcpy(dims, (int64_t[]){values[0], values[1], 32, 128}, sizeof dims), rank = 4;
  if (strcmp(layout, "BNSD") == 0) memcpy(dims, (int64_t[]){values[0], 32, values[1], 128}, sizeof dims), rank = 4;
  if (strcmp(layout, "BSH") == 0) memcpy(dims, (int64_t[]){values[0], values[1], 4096, 0}, sizeof dims);
  for (int i = 1; sums && i < count; i++) values[i] += values[i - 1];
  aclTensor *query = tensor_of(dims, rank), *table = paged[0] != '\0' ? tensor_of(blocks, 2) : NULL;
  aclIntArray *lengths = sums ? OF_OPERATORS(aclCreateIntArray)(values, (uint64_t)count) : NULL;
  attention(layout, version, query, lengths, table);
  CHECK(OF_OPERATORS(aclDestroyTensor)(query) == 0);
  if (table != NULL) CHECK(OF_OPERATORS(aclDestroyTensor)(table) == 0);
  if (lengths != NULL) CHECK(OF_OPERATORS(aclDestroyIntArray)(lengths) == 0);
}

static void named_step(const char *name) {
  int64_t dims[2] = {3, 5};
  char phase1[128];
  uint64_t bytes;
  aclOpExecutor *executor;
  aclTensor *x = tensor_of(dims, 2);
  snprintf(phase1, sizeof phase1, "%sGetWorkspaceSize", name);
  CHECK(((aclnnStatus(*)(T, uint64_t *, aclOpExecutor **))find(opapi, phase1))(x, &bytes, &executor) == 0);
  run_operator(name, bytes, executor);
  CHECK(OF_OPERATORS(aclDestroyTensor)(x) == 0);
}

static void product_step(const char *step) {
  long rows, count;
  CHECK(sscanf(step, "matmul:%ld:%ld", &rows, &count) == 2);
  for (long i = 0; i < count; i++) {
    const char *name = i % 2 == 0 ? "aclnnMatmul" : "aclnnMm";
    char phase1[128];
    snprintf(phase1, sizeof phase1, "%sGetWorkspaceSize", name);
    aclTensor *x = tensor_of((int64_t[]){rows, 4096}, 2);
    uint64_t bytes;
    aclOpExecutor *executor;
    CHECK(((aclnnStatus(*)(T, T, T, int8_t, uint64_t *, aclOpExecutor **))find(opapi, phase1))(x, x, x, 3, &bytes, &executor) == 0);
    run_operator(name, bytes, executor);
    CHECK(OF_OPERATORS(aclDestroyTensor)(x) == 0);
  }
}

static void launch_step(const char *step) {
  long count;
  CHECK(sscanf(step, "launch:%ld", &count) == 1);
  for (long i = 1; i <= count; i++) append_to(&k, streams[current], log_here, (uint64_t)i, 1000);
}

static void size_step(void) {
  typedef aclnnStatus (*size_fn)(const aclIntArray *, aclDataType, uint64_t *);
  aclIntArray *shape = OF_OPERATORS(aclCreateIntArray)((int64_t[]){16, 16}, 2);
  uint64_t size = 0;
  CHECK(((size_fn)find(opapi, "aclnnCalculateMatmulWeightSizeV2"))(shape, ACL_FLOAT16, &size) == 0);
  printf("size %llx\n", (unsigned long long)size);
  CHECK(OF_OPERATORS(aclDestroyIntArray)(shape) == 0);
}

static void step(const char *what) {
  if (strcmp(what, "prompt") == 0) named_step("aclnnPromptFlashAttentionV3");
  else if (strcmp(what, "incre") == 0) named_step("aclnnIncreFlashAttentionV4");
  else if (strcmp(what, "relu") == 0) named_step("aclnnRelu");
  else if (strcmp(what, "again") == 0) run_operator(kept_name, kept_bytes, kept);
  else if (strcmp(what, "size") == 0) size_step();
  else if (strcmp(what, "stream") == 0) {
    OK(aclrtSynchronizeStream(streams[current])); /* both append to one log */
    current = 1 - current;
  } else if (strncmp(what, "matmul:", 7) == 0) product_step(what);
  else if (strncmp(what, "launch:", 7) == 0) launch_step(what);
  else attention_step(what);
}

OUT int client_main(int argc, char **argv) {
  CHECK(argc >= 2);
  ascendcl = dlopen("libascendcl.so", RTLD_NOW | RTLD_LOCAL);
  opapi = dlopen("libopapi.so", RTLD_NOW | RTLD_LOCAL);
  if (ascendcl == NULL || opapi == NULL) {
    fprintf(stderr, "%s\n", dlerror());
    return 1;
  }
  OK(aclInit(NULL));
  OK(BY_NAME(aclrtSetDevice)(0));
  k = load_kernels(argv[1]);
  ((void (*)(const char *))find(opapi, "toy_open"))(argv[1]);
  for (int i = 0; i < 2; i++) OK(BY_NAME(aclrtCreateStreamWithConfig)(&streams[i], 0, 0));
  log_here = device_memory(sizeof *log_here);
  for (int i = 2; i < argc; i++) step(argv[i]);
  for (int i = 0; i < 2; i++) OK(BY_NAME(aclrtSynchronizeStreamWithTimeout)(streams[i], 10000));
  print_log("log", log_here);
  OK(aclrtResetDevice(0));
  OK(aclFinalize());
  return 0;
}
