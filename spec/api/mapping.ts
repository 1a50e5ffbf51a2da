/** Physical memory and its mappings beyond the common calls, and sharing with other machines. */
import { declared } from '../prototype.ts'
import type { ApiDraft } from '../types.ts'

export const mappingFunctions: ApiDraft[] = [
  ...declared(
    'acl/acl_rt.h',
    'libacl_rt.so',
    `
aclError aclrtReserveMemAddressNoUCMemory(void **virPtr, size_t size, size_t alignment, void *expectPtr, uint64_t flags)
  create refused virPtr:device expectPtr:nullable,address -- Reserves a range of device addresses without memory for errors.
aclError aclrtMemMapNoAccess(void *virPtr, size_t size, size_t offset, aclrtDrvMemHandle handle, uint64_t flags)
  host refused virPtr:device -- Maps physical memory that nobody may use yet.
aclError aclrtMemSetAccess(void *virPtr, size_t size, aclrtMemAccessDesc *desc, size_t count)
  host remote=remote/settings.c virPtr:device desc:in -- Who may use mapped memory.
aclError aclrtMemGetAccess(void *virPtr, aclrtMemLocation *location, uint64_t *flag)
  query call virPtr:device location:in -- What a device may do with mapped memory.
aclError aclrtMemRetainAllocationHandle(void *virPtr, aclrtDrvMemHandle *handle)
  create call custom=api/physical.c virPtr:device -- The physical memory behind an address.
aclError aclrtMemGetAllocationPropertiesFromHandle(aclrtDrvMemHandle handle, aclrtPhysicalMemProp *prop)
  query call -- What physical memory is.
aclError aclrtMemP2PMap(void *devPtr, size_t size, int32_t dstDevId, uint64_t flags)
  host refused devPtr:device -- Maps device memory for another device.
aclError aclrtMemMapSelectedLink(void *virPtrDst, size_t size, void *virPtrSrc, uint32_t linkIdx)
  host refused virPtrDst:device virPtrSrc:device -- Maps memory over a chosen link.
aclError aclrtMemMapSetLink(aclrtDrvMemHandle handle, aclrtMemLinkType adviceLink)
  host refused -- The link over which physical memory is mapped.
aclError aclrtMemExportToShareableHandleV2(aclrtDrvMemHandle handle, uint64_t flags, aclrtMemSharedHandleType shareType, void *shareableHandle)
  host remote=remote/ipc.c shareableHandle:out -- A handle by which other processes, of other machines too, use physical memory.
aclError aclrtMemImportFromShareableHandleV2(void *shareableHandle, aclrtMemSharedHandleType shareType, uint64_t flags, aclrtDrvMemHandle *handle)
  create remote=remote/ipc.c shareableHandle:in -- Physical memory of another process.
aclError aclrtMemSetPidToShareableHandleV2(void *shareableHandle, aclrtMemSharedHandleType shareType, int32_t *pid, size_t pidNum)
  host remote=remote/ipc.c shareableHandle:in pid:in -- Processes that may use physical memory.
aclError aclrtIpcMemSetAttr(const char *key, aclrtIpcMemAttrType type, uint64_t attr)
  host refused -- An attribute of a key for device memory.
aclError aclrtIpcMemImportPidInterServer(const char *key, aclrtServerPid *serverPids, size_t num)
  host refused serverPids:in -- Processes of other machines that may use a key.
`,
  ),
]
