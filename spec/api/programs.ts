/** Kernel binaries and their functions beyond the common calls, and more forms of launches. */
import { declared } from '../prototype.ts'
import type { ApiDraft } from '../types.ts'

export const programsFunctions: ApiDraft[] = [
  ...declared(
    'acl/acl_rt.h',
    'libacl_rt.so',
    `
aclrtBinary aclrtCreateBinary(const void *data, size_t dataLen)
  host client data:bytes=dataLen -- Describes a kernel binary in memory.
aclError aclrtDestroyBinary(aclrtBinary binary)
  host client -- Ends the description.
aclError aclrtBinaryLoad(const aclrtBinary binary, aclrtBinHandle *binHandle)
  create refused -- Loads a described kernel binary.
aclError aclrtBinaryGetDevAddress(const aclrtBinHandle binHandle, void **binAddr, size_t *binSize)
  query refused binAddr:device -- Where a kernel binary is on the device.
aclError aclrtBinaryGetFunctionByEntry(aclrtBinHandle binHandle, uint64_t funcEntry, aclrtFuncHandle *funcHandle)
  create call -- A kernel of a binary, by its entry.
aclError aclrtBinaryGetGlobal(aclrtBinHandle binHandle, const char *name, void **dptr, size_t *size)
  query refused dptr:device,nullable size:nullable -- Where a variable of a binary is on the device.
aclError aclrtGetFuncBySymbol(const void *symbol, aclrtFuncHandle *funcHandle)
  create refused symbol:address -- A kernel of the program, by its host function.
aclError aclrtRegisterCpuFunc(const aclrtBinHandle handle, const char *funcName, const char *kernelName, aclrtFuncHandle *funcHandle)
  create refused -- A kernel of the processors of the device.
aclError aclrtGetFunctionAddr(aclrtFuncHandle funcHandle, void **aicAddr, void **aivAddr)
  query refused aicAddr:device aivAddr:device -- Where a kernel is on the device.
aclError aclrtGetFunctionSize(aclrtFuncHandle funcHandle, size_t *aicSize, size_t *aivSize)
  query call -- Bytes of a kernel.
aclError aclrtGetFunctionAttribute(aclrtFuncHandle funcHandle, aclrtFuncAttribute attrType, int64_t *attrValue)
  query call -- An attribute of a kernel.
aclError aclrtFunctionGetBinary(const aclrtFuncHandle funcHandle, aclrtBinHandle *binHandle)
  query call -- The binary of a kernel.
aclError aclrtFunctionGetParamCount(const void *func, size_t *paramCount)
  query call func:address,function -- Parameters of a kernel.
aclError aclrtFunctionGetParamInfo(const void *func, size_t paramIndex, size_t *paramOffset, size_t *paramSize)
  query call func:address,function -- Place and size of a parameter of a kernel.
aclError aclrtFunctionGetAvailDynUbufPerBlock(void *func, uint32_t flags, size_t *dynamicUbufSize)
  query refused func:address -- Memory that a block of a kernel may still take.
aclError aclrtLaunchKernelWithArgsArray(void *func, uint32_t numBlocks, aclrtStream stream, aclrtLaunchKernelCfg *cfg, void **args)
  async:KERNEL remote=remote/parameters.c waits op.kernel=fx_function_stub(func) op.blocks=numBlocks func:address cfg:nullable,in args:in,nullable -- Launches a kernel with pointers to its arguments.
aclError aclrtLaunchSIMTKernelWithArgsArray(void *func, dim3 gridDim, dim3 blockDim, size_t dynUbufSize, aclrtStream stream, aclrtLaunchKernelCfg *cfg, void **args)
  async:KERNEL refused waits op.kernel=fx_function_stub(func) op.blocks=gridDim.x*gridDim.y*gridDim.z func:address cfg:nullable,in args:in,nullable -- Launches a kernel of many threads with pointers to its arguments.
aclError aclrtLaunchSIMTKernelWithHostArgs(void *func, dim3 gridDim, dim3 blockDim, size_t dynUbufSize, aclrtStream stream, aclrtLaunchKernelCfg *cfg, void *hostArgs, size_t argsSize, aclrtPlaceHolderInfo *placeHolderArray, size_t placeHolderNum)
  async:KERNEL refused waits op.kernel=fx_function_stub(func) op.blocks=gridDim.x*gridDim.y*gridDim.z op.argsBytes=argsSize func:address cfg:nullable,in hostArgs:in,nullable placeHolderArray:in,nullable -- Launches a kernel of many threads with arguments in host memory.
`,
  ),
]
