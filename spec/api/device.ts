/** Devices: limits, numbers, links to others, faults and timeouts. */
import { declared } from '../prototype.ts'
import type { ApiDraft } from '../types.ts'

export const deviceFunctions: ApiDraft[] = [
  ...declared(
    'acl/acl_rt.h',
    'libacl_rt.so',
    `
aclError aclrtSynchronizeDeviceWithTimeout(int32_t timeout)
  sync-device call -- Waits for every stream of the current context, -1 or milliseconds.
aclError aclrtSetTsDevice(aclrtTsId tsId)
  host remote=remote/settings.c -- Chooses the scheduler of the device.
aclError aclrtGetDeviceUtilizationRate(int32_t deviceId, aclrtUtilizationInfo *utilizationInfo)
  query remote=remote/settings.c -- How busy a device is.
aclError aclrtQueryDeviceStatus(int32_t deviceId, aclrtDeviceStatus *deviceStatus)
  query call -- Whether a device works.
aclError aclrtDeviceCanAccessPeer(int32_t *canAccessPeer, int32_t deviceId, int32_t peerDeviceId)
  query call -- Whether a device can reach the memory of another.
aclError aclrtDeviceEnablePeerAccess(int32_t peerDeviceId, uint32_t flags)
  host remote=remote/settings.c -- Lets the current device reach the memory of another.
aclError aclrtDeviceDisablePeerAccess(int32_t peerDeviceId)
  host remote=remote/settings.c -- Ends that.
aclError aclrtDevicePeerAccessStatus(int32_t deviceId, int32_t peerDeviceId, int32_t *status)
  query call -- Whether a device reaches the memory of another.
aclError aclrtSetOpWaitTimeout(uint32_t timeout)
  host call -- Seconds that a stream waits for an event.
aclError aclrtSetOpExecuteTimeOut(uint32_t timeout)
  host call -- Seconds that a kernel may take.
aclError aclrtSetOpExecuteTimeOutWithMs(uint32_t timeout)
  host call -- Milliseconds that a kernel may take.
aclError aclrtSetOpExecuteTimeOutV2(uint64_t timeout, uint64_t *actualTimeout)
  host call -- Microseconds that a kernel may take, and what was set.
aclError aclrtGetOpTimeOutInterval(uint64_t *interval)
  query call -- Step of the time that a kernel may take, in microseconds.
aclError aclrtGetOpExecuteTimeout(uint32_t * const timeoutMs)
  query call -- Time that a kernel may take, in milliseconds.
aclError aclrtSetDeviceSatMode(aclrtFloatOverflowMode mode)
  host call -- Whether numbers saturate or overflow on the device.
aclError aclrtGetDeviceSatMode(aclrtFloatOverflowMode *mode)
  query call -- Whether numbers saturate or overflow on the device.
aclError aclrtGetDeviceCapability(int32_t deviceId, aclrtDevFeatureType devFeatureType, int32_t *value)
  query call -- Whether a device has a feature.
aclError aclrtDeviceGetUuid(int32_t deviceId, aclrtUuid *uuid)
  query call -- Identity of a device.
aclError aclrtDeviceSetLimit(aclrtDeviceLimit limit, size_t value)
  host refused -- A limit of the current device.
aclError aclrtDeviceGetLimit(aclrtDeviceLimit limit, size_t *value)
  query call -- A limit of the current device.
aclError aclrtDeviceGetPCIBusId(int32_t deviceId, char *pciBusId, int32_t len)
  query call pciBusId:bytes=(size_t)len -- Place of a device on the bus.
aclError aclrtDeviceGetByPCIBusId(const char *pciBusId, int32_t *deviceId)
  query call -- Device at a place of the bus.
aclError aclrtDeviceGetHostAtomicCapabilities(uint32_t *capabilities, const aclrtAtomicOperation *operations, const uint32_t count, int32_t deviceId)
  query refused capabilities:nullable operations:nullable -- Which atomic operations a device has on memory of the host.
aclError aclrtDeviceGetP2PAtomicCapabilities(uint32_t *capabilities, const aclrtAtomicOperation *operations, const uint32_t count, int32_t srcDeviceId, int32_t dstDeviceId)
  query refused capabilities:nullable operations:nullable -- Which atomic operations a device has on memory of another.
aclError aclrtGetDevicesTopo(uint32_t deviceId, uint32_t otherDeviceId, uint64_t *value)
  query call -- How two devices are linked.
aclError aclrtGetLogicDevIdByUserDevId(const int32_t userDevid, int32_t * const logicDevId)
  query call -- Number of a device, by the user's.
aclError aclrtGetUserDevIdByLogicDevId(const int32_t logicDevId, int32_t * const userDevid)
  query call -- The user's number of a device.
aclError aclrtGetLogicDevIdByPhyDevId(const int32_t phyDevId, int32_t * const logicDevId)
  query call -- Number of a device, by the machine's.
aclError aclrtGetPhyDevIdByLogicDevId(const int32_t logicDevId, int32_t * const phyDevId)
  query call -- The machine's number of a device.
aclError aclrtGetUserDevIdByPhyDevId(const int32_t phyDevId, int32_t * const userDevId)
  query call -- The user's number of a device, by the machine's.
aclError aclrtGetPhyDevIdByUserDevId(const int32_t userDevId, int32_t * const phyDevId)
  query call -- The machine's number of a device, by the user's.
aclError aclrtDeviceTaskAbort(int32_t deviceId, uint32_t timeout)
  destroy remote=remote/aborts.c custom=api/abort.c -- Ends what runs on a device.
aclError aclrtSetDeviceTaskAbortCallback(const char *regName, aclrtDeviceTaskAbortCallback callback, void *args)
  host remote=remote/listeners.c args:nullable -- A function that hears of such an end.
aclError aclrtRegDeviceStateCallback(const char *regName, aclrtDeviceStateCallback callback, void *args)
  host remote=remote/listeners.c args:nullable -- A function that hears of devices set and reset.
aclError aclrtGetPrimaryCtxState(int32_t deviceId, uint32_t *flags, int32_t *active)
  query call -- Whether the default context of a device is there.
aclError aclrtCtxGetSysParamOpt(aclSysParamOpt opt, int64_t *value)
  query call -- A setting of the current context.
aclError aclrtCtxSetSysParamOpt(aclSysParamOpt opt, int64_t value)
  host call -- Changes a setting of the current context.
aclError aclrtGetSysParamOpt(aclSysParamOpt opt, int64_t *value)
  query remote=remote/settings.c -- A setting of the process.
aclError aclrtSetSysParamOpt(aclSysParamOpt opt, int64_t value)
  host remote=remote/settings.c -- Changes a setting of the process.
aclError aclrtGetDeviceResLimit(int32_t deviceId, aclrtDevResLimitType type, uint32_t *value)
  query remote=remote/limits.c -- Cores of a device that this process may use.
aclError aclrtSetDeviceResLimit(int32_t deviceId, aclrtDevResLimitType type, uint32_t value)
  host remote=remote/plans.c -- Sets the cores of a device that this process may use.
aclError aclrtResetDeviceResLimit(int32_t deviceId)
  host remote=remote/plans.c -- Gives that limit up.
aclError aclrtGetResInCurrentThread(aclrtDevResLimitType type, uint32_t *value)
  query remote=remote/plans.c -- Cores for which the calling thread may plan.
aclError aclrtDeviceL2CacheFlush(void *rsv)
  sync refused rsv:nullable -- Writes the cache of the device back.
aclError aclrtGetHardwareSyncAddr(void **addr)
  query call addr:device -- Where kernels find the words by which cores wait for one another.
aclError aclrtCtxGetFloatOverflowAddr(void **overflowAddr)
  query call overflowAddr:device -- Where the device notes overflows.
aclError aclrtSetGroup(int32_t groupId)
  host refused -- Chooses a group of cores.
aclError aclrtGetGroupCount(uint32_t *count)
  query call -- How many groups of cores there are.
aclrtGroupInfo *aclrtCreateGroupInfo()
  host client -- Room for a description of groups.
aclError aclrtDestroyGroupInfo(aclrtGroupInfo *groupInfo)
  host client -- Gives that room back.
aclError aclrtGetAllGroupInfo(aclrtGroupInfo *groupInfo)
  query refused groupInfo:inout -- Describes every group of cores.
aclError aclrtGetGroupInfoDetail(const aclrtGroupInfo *groupInfo, int32_t groupIndex, aclrtGroupAttr attr, void *attrValue, size_t valueLen, size_t *paramRetSize)
  query client -- One figure of a group.
`,
  ),
]
