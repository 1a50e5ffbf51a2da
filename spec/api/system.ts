/** Versions, error reports, hooks at the start and end, and profiling marks of the runtime. */
import { declared } from '../prototype.ts'
import type { ApiDraft } from '../types.ts'

export const systemFunctions: ApiDraft[] = [
  ...declared(
    'acl/acl_base_rt.h',
    'libacl_rt.so',
    `
aclError aclGetCannAttributeList(const aclCannAttr **cannAttrList, size_t *num)
  query client -- The features that this CANN has.
aclError aclGetCannAttribute(aclCannAttr cannAttr, int32_t *value)
  query client -- Whether this CANN has a feature.
aclError aclGetDeviceCapability(uint32_t deviceId, aclDeviceInfo deviceInfo, int64_t *value)
  query call -- One figure of a device (older form).
`,
  ),
  ...declared(
    'acl/acl_rt.h',
    'libacl_rt.so',
    `
aclError aclsysGetCANNVersion(aclCANNPackageName name, aclCANNPackageVersion *version)
  query client -- Version of an installed package of CANN.
aclError aclsysGetVersionStr(char *pkgName, char *versionStr)
  query client -- Version of an installed package of CANN, as text.
aclError aclsysGetVersionNum(char *pkgName, int32_t *versionNum)
  query client -- Version of an installed package of CANN, as a number.
aclError aclInitCallbackRegister(aclRegisterCallbackType type, aclInitCallbackFunc cbFunc, void *userData)
  host refused -- A function that aclInit calls.
aclError aclInitCallbackUnRegister(aclRegisterCallbackType type, aclInitCallbackFunc cbFunc)
  host refused -- aclInit calls the function no more.
aclError aclFinalizeCallbackRegister(aclRegisterCallbackType type, aclFinalizeCallbackFunc cbFunc, void *userData)
  host refused -- A function that aclFinalize calls.
aclError aclFinalizeCallbackUnRegister(aclRegisterCallbackType type, aclFinalizeCallbackFunc cbFunc)
  host refused -- aclFinalize calls the function no more.
`,
  ),
  ...declared(
    'acl/acl_base_rt.h',
    'libacl_rt.so',
    `
void aclAppLog(aclLogLevel logLevel, const char *func, const char *file, uint32_t line, const char *fmt, ...)
  host client custom=api/log.c -- Writes a line to the log of CANN.
`,
  ),
  ...declared(
    'acl/acl_rt.h',
    'libacl_rt.so',
    `
aclError aclrtSetExceptionInfoCallback(aclrtExceptionInfoCallback callback)
  host remote=remote/exceptions.c -- A function that hears of failed operators.
aclError aclrtExceptionInfoCallbackRegister(aclrtExceptionInfoCallback callback)
  host remote=remote/exceptions.c -- One more function that hears of failed operators.
aclError aclrtExceptionInfoCallbackUnregister(aclrtExceptionInfoCallback callback)
  host remote=remote/exceptions.c -- The function hears of failed operators no more.
uint32_t aclrtGetTaskIdFromExceptionInfo(const aclrtExceptionInfo *info)
  query remote=remote/exceptions.c -- Number of the failed operator.
uint32_t aclrtGetStreamIdFromExceptionInfo(const aclrtExceptionInfo *info)
  query remote=remote/exceptions.c -- Number of the stream of the failed operator.
uint32_t aclrtGetThreadIdFromExceptionInfo(const aclrtExceptionInfo *info)
  query remote=remote/exceptions.c -- Thread that issued the failed operator.
uint32_t aclrtGetDeviceIdFromExceptionInfo(const aclrtExceptionInfo *info)
  query remote=remote/exceptions.c -- Device of the failed operator.
uint32_t aclrtGetErrorCodeFromExceptionInfo(const aclrtExceptionInfo *info)
  query remote=remote/exceptions.c -- Code of the failure.
aclError aclrtGetArgsFromExceptionInfo(const aclrtExceptionInfo *info, void **devArgsPtr, uint32_t *devArgsLen)
  query remote=remote/exceptions.c -- Arguments of the failed kernel.
aclError aclrtGetFuncHandleFromExceptionInfo(const aclrtExceptionInfo *info, aclrtFuncHandle *func)
  query remote=remote/exceptions.c -- The failed kernel.
aclError aclrtBinarySetExceptionCallback(aclrtBinHandle binHandle, aclrtOpExceptionCallback callback, void *userData)
  host refused userData:nullable -- A function that hears of failed kernels of a binary.
aclError aclrtGetErrorVerbose(int32_t deviceId, aclrtErrorInfo *errorInfo)
  query call -- What is known of an error of a device.
aclError aclrtRepairError(int32_t deviceId, const aclrtErrorInfo *errorInfo)
  host refused -- Tries to repair an error of a device.
aclError aclrtGetMemUceInfo(int32_t deviceId, aclrtMemUceInfo *memUceInfoArray, size_t arraySize, size_t *retSize)
  query refused -- Memory errors of a device that were not corrected.
aclError aclrtMemUceRepair(int32_t deviceId, aclrtMemUceInfo *memUceInfoArray, size_t arraySize)
  host refused -- Repairs memory of a device.
aclError aclrtGetThreadLastTaskId(uint32_t *taskId)
  query call custom=api/task_id.c -- Number of the last operator of the thread.
aclError aclrtCacheLastTaskOpInfo(const void * const infoPtr, const size_t infoSize)
  host refused -- Keeps what the last operator was, for tools.
aclError aclrtCacheLastTaskExtendInfo(const char * const extendInfoPtr, const size_t infoSize)
  host refused -- Keeps more of what the last operator was, for tools.
aclError aclrtSnapShotProcessLock(int pid, void *reserve)
  host refused -- Stops a process for a snapshot.
aclError aclrtSnapShotProcessUnlock(int pid, void *reserve)
  host refused -- Lets a process go on after a snapshot.
aclError aclrtSnapShotProcessBackup(int pid, aclrtSnapShotBackupArgs *args)
  sync refused -- Saves the devices of a process.
aclError aclrtSnapShotProcessRestore(int pid, aclrtSnapShotRestoreArgs *args)
  sync refused -- Restores the devices of a process.
aclError aclrtSnapShotCallbackRegister(aclrtSnapShotStage stage, aclrtSnapShotCallBack callback, void *args)
  host refused -- A function for a stage of a snapshot.
aclError aclrtSnapShotCallbackUnregister(aclrtSnapShotStage stage, aclrtSnapShotCallBack callback)
  host refused -- The function is called no more.
aclError aclrtCheckArchCompatibility(const char *socVersion, int32_t *canCompatible)
  query client -- Whether a program for one chip runs on this one.
aclError aclrtProfTrace(void *userdata, int32_t length, aclrtStream stream)
  async:OTHER refused userdata:copy=(size_t)length -- A mark in the profile of a stream.
`,
  ),
]
