/** The rt* functions of libruntime.so that ATB, AI CPU operators and older CANN call directly. */
import { declared } from '../prototype.ts'
import type { ApiDraft } from '../types.ts'

export const floorFunctions: ApiDraft[] = [
  ...declared(
    'runtime/rt.h',
    'libruntime.so',
    `
rtError_t rtSetDevice(int32_t devId)
  host remote=remote/runtime.c custom=api/rt.c -- Makes the device current for the thread.
rtError_t rtDeviceReset(int32_t devId)
  destroy remote=remote/runtime.c custom=api/rt.c -- Gives one reference to the device back.
rtError_t rtGetSocVersion(char *ver, const uint32_t maxLen)
  query client ver:bytes=maxLen -- Name of the chip.
rtError_t rtGetSocSpec(const char *label, const char *key, char *val, const uint32_t maxLen)
  query client val:bytes=maxLen -- One figure of the chip, as text.
rtError_t rtGetAiCoreCount(uint32_t *aiCoreCnt)
  query remote=remote/runtime.c -- AI cores of the device.
rtError_t rtGetAiCpuCount(uint32_t *aiCpuCnt)
  query remote=remote/runtime.c -- Processors of the device.
rtError_t rtGetC2cCtrlAddr(uint64_t *addr, uint32_t *len)
  query refused -- Where kernels find the words by which cores wait for one another.
rtError_t rtGetTaskIdAndStreamID(uint32_t *taskId, uint32_t *streamId)
  query refused -- Numbers of the last operator and its stream.
rtError_t rtRegTaskFailCallbackByModule(const char *moduleName, void *callback)
  host refused -- A function that hears of failed operators.
rtError_t rtRegStreamStateCallback(const char *regName, void *callback)
  host refused -- A function that hears of streams made and ended.
rtError_t rtSetExceptionExtInfo(const void * const sizeInfo)
  host refused -- What to say of the next operator if it fails.
rtError_t rtStreamCreate(rtStream_t *stm, int32_t priority)
  create remote=remote/runtime.c custom=api/rt.c -- Makes a stream.
rtError_t rtStreamDestroy(rtStream_t stm)
  destroy remote=remote/runtime.c custom=api/rt.c -- Ends a stream.
rtError_t rtStreamSynchronize(rtStream_t stm)
  sync-stream remote=remote/runtime.c -- Waits for a stream.
rtError_t rtStreamAddToModel(rtStream_t stm, rtModel_t captureMdl)
  host refused -- The stream joins a capture.
rtError_t rtStreamWaitEvent(rtStream_t stm, rtEvent_t evt)
  async:EVENT_WAIT remote=remote/runtime.c op.sync=evt -- The stream waits for an event.
rtError_t rtEventRecord(rtEvent_t evt, rtStream_t stm)
  async:EVENT_RECORD remote=remote/runtime.c op.sync=evt -- Records an event.
rtError_t rtModelExecute(rtModel_t mdl, rtStream_t stm, uint32_t flag)
  async:GRAPH refused composite -- Runs a model on a stream.
rtError_t rtMalloc(void **devPtr, uint64_t size, rtMemType_t type, const uint16_t moduleId)
  create remote=remote/runtime.c custom=api/rt_memory.c devPtr:device -- Device memory.
rtError_t rtFree(void *devPtr)
  destroy remote=remote/runtime.c custom=api/rt_memory.c devPtr:device -- Gives device memory back.
rtError_t rtMallocHost(void **hostPtr, uint64_t size, const uint16_t moduleId)
  create remote=remote/runtime.c custom=api/rt_memory.c hostPtr:host -- Pinned host memory.
rtError_t rtFreeHost(void *hostPtr)
  destroy remote=remote/runtime.c custom=api/rt_memory.c hostPtr:host -- Gives pinned host memory back.
rtError_t rtMemcpy(void *dst, uint64_t destMax, const void *src, uint64_t cnt, rtMemcpyKind_t kind)
  sync remote=remote/runtime.c dst:address src:address -- Copies and returns when done.
rtError_t rtMemcpyAsync(void *dst, uint64_t destMax, const void *src, uint64_t cnt, rtMemcpyKind_t kind, rtStream_t stm)
  async remote=remote/runtime.c op.copy=dst,cnt,src,cnt,fx_rt_copy_kind(kind) op.bytes=cnt dst:address src:address -- Copies on a stream.
rtError_t rtMemsetAsync(void *ptr, uint64_t destMax, uint32_t val, uint64_t cnt, rtStream_t stm)
  async:MEMSET remote=remote/runtime.c op.bytes=cnt ptr:device -- Sets memory on a stream.
rtError_t rtDevBinaryRegister(const rtDevBinary_t *bin, void **hdl)
  create remote=remote/runtime_kernels.c bin:in -- Loads a kernel binary.
rtError_t rtRegisterAllKernel(const rtDevBinary_t *bin, void **hdl)
  create remote=remote/runtime_kernels.c bin:in -- Loads a kernel binary with all its kernels.
rtError_t rtDevBinaryUnRegister(void *hdl)
  destroy remote=remote/runtime_kernels.c -- Unloads a kernel binary.
rtError_t rtFunctionRegister(void *binHandle, const void *stubFunc, const char *stubName, const void *kernelInfoExt, uint32_t funcMode)
  host remote=remote/runtime_kernels.c custom=api/rt.c stubFunc:address kernelInfoExt:address -- Names a kernel of a binary.
rtError_t rtKernelLaunch(const void *stubFunc, uint32_t numBlocks, void *args, uint32_t argsSize, rtSmDesc_t *smDesc, rtStream_t stm)
  async:KERNEL remote=remote/runtime_kernels.c op.kernel=fx_function_stub(stubFunc) op.blocks=numBlocks op.argsBytes=argsSize stubFunc:address args:copy=argsSize,nullable smDesc:copy=sizeof(*smDesc),nullable -- Launches a kernel.
rtError_t rtKernelLaunchWithFlag(const void *stubFunc, uint32_t numBlocks, rtArgsEx_t *argsInfo, rtSmDesc_t *smDesc, rtStream_t stm, uint32_t flags)
  async:KERNEL remote=remote/runtime_kernels.c custom=api/rt_launch.c op.kernel=fx_function_stub(stubFunc) op.blocks=numBlocks stubFunc:address argsInfo:in smDesc:in,nullable -- Launches a kernel, with a flag.
rtError_t rtKernelLaunchWithFlagV2(const void *stubFunc, uint32_t numBlocks, rtArgsEx_t *argsInfo, rtSmDesc_t *smDesc, rtStream_t stm, uint32_t flags, const rtTaskCfgInfo_t *cfgInfo)
  async:KERNEL remote=remote/runtime_kernels.c custom=api/rt_launch.c op.kernel=fx_function_stub(stubFunc) op.blocks=numBlocks stubFunc:address argsInfo:in smDesc:in,nullable cfgInfo:nullable -- Launches a kernel, with a flag and settings.
rtError_t rtKernelLaunchWithHandle(void *hdl, const uint64_t tilingKey, uint32_t numBlocks, rtArgsEx_t *argsInfo, rtSmDesc_t *smDesc, rtStream_t stm, const void *kernelInfo)
  async:KERNEL refused waits op.kernel=fx_function_keyed(hdl,tilingKey) op.blocks=numBlocks argsInfo:in smDesc:in,nullable kernelInfo:nullable -- Launches a kernel of a binary by its key (older form).
rtError_t rtKernelLaunchWithHandleV2(void *hdl, const uint64_t tilingKey, uint32_t numBlocks, rtArgsEx_t *argsInfo, rtSmDesc_t *smDesc, rtStream_t stm, const rtTaskCfgInfo_t *cfgInfo)
  async:KERNEL remote=remote/runtime_kernels.c custom=api/rt_launch.c op.kernel=fx_function_keyed(hdl,tilingKey) op.blocks=numBlocks argsInfo:in smDesc:in,nullable cfgInfo:nullable -- Launches a kernel of a binary by its key.
rtError_t rtAicpuKernelLaunchExWithArgs(const uint32_t kernelType, const char * const opName, const uint32_t numBlocks, const void *argsInfo, rtSmDesc_t * const smDesc, const rtStream_t stm, const uint32_t flags)
  async:KERNEL refused waits op.blocks=numBlocks opName:nullable argsInfo:in smDesc:in,nullable -- Launches a kernel of the processors of the device.
rtError_t rtFusionLaunch(void * const fusionInfo, rtStream_t const stm, void *argsInfo)
  async:KERNEL refused waits op.blocks=1u fusionInfo:in argsInfo:in,nullable -- Launches several kernels as one.
`,
  ),
]
