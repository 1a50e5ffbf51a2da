/* Two processes with private machines, or (with two names as arguments) on machines of different names: neither sees
 * the other's memory, and nothing of one can be opened in the other. On a machine that others have, another
 * configuration is refused. */
#include "peer.h"

int main(int argc, char **argv) {
  if (argc == 3) { /* the third process: ends 1 where it is refused for what it is */
    OK(aclInit(NULL));
    aclError error = aclrtSetDevice(0);
    const char *why = aclGetRecentErrMsg();
    return error == ACL_ERROR_INVALID_PARAM && why != NULL && strstr(why, "FLEXNPU_SIM_DEVICES") != NULL ? 1 : 0;
  }
  bool named = argc > 3;
  if (!named) unsetenv("FLEXNPU_SIM_MACHINE");
  fork_peer();
  if (named) setenv("FLEXNPU_SIM_MACHINE", argv[peer != 0 ? 2 : 3], 1);
  start(argc, argv);
  void *memory = NULL;
  size_t before = free_hbm();
  meet();
  if (peer != 0) OK(aclrtMallocAlign32(&memory, 40ull << 30, ACL_MEM_MALLOC_HUGE_FIRST));
  meet();
  CHECK(free_hbm() == (peer != 0 ? before - (40ull << 30) : before));
  char key[65] = {0};
  aclrtIpcEventHandle handle;
  aclrtEvent event = NULL;
  uint64_t number = 0;
  memset(&handle, 0, sizeof handle);
  uint64_t *data = device_words(1);
  if (!named) {
    EXPECT(ACL_ERROR_RT_FEATURE_NOT_SUPPORT, aclrtIpcMemGetExportKey(data, 8, key, sizeof key, 1));
    EXPECT(ACL_ERROR_RT_FEATURE_NOT_SUPPORT, aclrtIpcMemClose("flexnpu-sim-0-0-1"));
    EXPECT(ACL_ERROR_RT_FEATURE_NOT_SUPPORT, aclrtCreateEventExWithFlag(&event, ACL_EVENT_IPC));
    EXPECT(ACL_ERROR_RT_FEATURE_NOT_SUPPORT, aclrtIpcOpenEventHandle(handle, &event));
    EXPECT(ACL_ERROR_RT_FEATURE_NOT_SUPPORT, aclrtMemImportFromShareableHandle(1, 0, (aclrtDrvMemHandle *)&memory));
    EXPECT(ACL_ERROR_RT_FEATURE_NOT_SUPPORT, aclrtMemSetPidToShareableHandle(1, &(int32_t){1}, 1));
    EXPECT(ACL_ERROR_RT_FEATURE_NOT_SUPPORT,
           aclrtMemExportToShareableHandle((aclrtDrvMemHandle)data, ACL_MEM_HANDLE_TYPE_NONE, 0, &number));
  } else if (peer != 0) {
    OK(aclrtIpcMemGetExportKey(data, 8, key, sizeof key, ACL_RT_IPC_MEM_EXPORT_FLAG_DISABLE_PID_VALIDATION));
    OK(aclrtCreateEventExWithFlag(&event, ACL_EVENT_IPC));
    OK(aclrtIpcGetEventHandle(event, &handle));
    give(key, sizeof key);
    give(&handle, sizeof handle);
  } else {
    take(key, sizeof key);
    take(&handle, sizeof handle);
    void *theirs = NULL;
    EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtIpcMemImportByKey(&theirs, key, 0));
    EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtIpcOpenEventHandle(handle, &event));
  }
  meet();
  if (named && peer != 0) {
    /* A third process, configured otherwise, on the parent's machine. */
    pid_t third = fork();
    if (third == 0) {
      setenv("FLEXNPU_SIM_DEVICES", "3", 1);
      execl("/proc/self/exe", argv[0], argv[1], "refused", (char *)NULL);
      _exit(127);
    }
    int status = 0;
    CHECK(waitpid(third, &status, 0) == third && WIFEXITED(status) && WEXITSTATUS(status) == 1);
  }
  end();
  if (peer != 0) {
    end_of_peer();
    puts("ok apart");
  }
  return 0;
}
