/** HCCL: communicators, and collective operators on their streams. */
import { declared } from '../prototype.ts'
import type { ApiDraft } from '../types.ts'

export const collectivesFunctions: ApiDraft[] = [
  ...declared(
    'hccl/hccl.h',
    'libhccl.so',
    `
HcclResult HcclCommInitClusterInfo(const char *clusterInfo, uint32_t rank, HcclComm *comm)
  create refused -- Joins a communicator that a file describes.
HcclResult HcclCommInitClusterInfoConfig(const char *clusterInfo, uint32_t rank, HcclCommConfig *config, HcclComm *comm)
  create refused config:in -- The same, with settings.
HcclResult HcclCreateSubCommConfig(HcclComm *comm, uint32_t rankNum, uint32_t *rankIds, uint64_t subCommId, uint32_t subCommRankId, HcclCommConfig *config, HcclComm *subComm)
  create refused comm:in rankIds:in config:in subComm:out -- A part of a communicator.
HcclResult HcclGetRootInfo(HcclRootInfo *rootInfo)
  query refused -- What the others need to join.
HcclResult HcclCommInitRootInfo(uint32_t nRanks, const HcclRootInfo *rootInfo, uint32_t rank, HcclComm *comm)
  create refused -- Joins a communicator.
HcclResult HcclCommInitRootInfoConfig(uint32_t nRanks, const HcclRootInfo *rootInfo, uint32_t rank, const HcclCommConfig *config, HcclComm *comm)
  create refused -- Joins a communicator, with settings.
HcclResult HcclCommInitAll(uint32_t ndev, int32_t *devices, HcclComm *comms)
  create refused devices:in -- A communicator of the devices of one process.
HcclResult HcclCommDestroy(HcclComm comm)
  destroy refused -- Leaves a communicator.
HcclResult HcclSetConfig(HcclConfig config, HcclConfigValue configValue)
  host refused -- A setting of the process.
HcclResult HcclGetConfig(HcclConfig config, HcclConfigValue *configValue)
  query refused -- A setting of the process.
HcclResult HcclSetCommConfig(HcclComm comm, HcclConfig config, HcclConfigValue configValue)
  host refused -- A setting of a communicator.
HcclResult HcclGetCommConfig(HcclComm comm, HcclConfig config, HcclConfigValue *configValue)
  query refused -- A setting of a communicator.
HcclResult HcclGetCommName(HcclComm comm, char *commName)
  query refused -- Name of a communicator.
HcclResult HcclGetRankSize(HcclComm comm, uint32_t *rankSize)
  query refused -- Members of a communicator.
HcclResult HcclGetRankId(HcclComm comm, uint32_t *rank)
  query refused -- Number of the process in a communicator.
HcclResult HcclGetCommAsyncError(HcclComm comm, HcclResult *asyncError)
  query refused -- Error of a communicator that came later.
const char *HcclGetErrorString(HcclResult code)
  query client -- Text of a code.
uint32_t HcclGetCommConfigCapability()
  query client -- Which settings communicators have.
HcclResult HcclCommSuspend(HcclComm comm)
  host refused drain-all -- Stops a communicator.
HcclResult HcclCommResume(HcclComm comm)
  host refused -- Lets it go on.
HcclResult HcclCommSetMemoryRange(HcclComm comm, void *baseVirPtr, size_t size, size_t alignment, uint64_t flags)
  host refused baseVirPtr:device -- Device addresses that a communicator may use directly.
HcclResult HcclCommUnsetMemoryRange(HcclComm comm, void *baseVirPtr)
  host refused baseVirPtr:device drain-all -- Ends that.
HcclResult HcclCommActivateCommMemory(HcclComm comm, void *virPtr, size_t size, size_t offset, aclrtDrvMemHandle handle, uint64_t flags)
  host refused virPtr:device -- Memory behind such addresses.
HcclResult HcclCommDeactivateCommMemory(HcclComm comm, void *virPtr)
  host refused virPtr:device drain-all -- Takes that memory away.
HcclResult HcclCommWorkingDevNicSet(HcclComm comm, uint32_t *ranks, bool *useBackup, uint32_t nRanks)
  host refused ranks:in useBackup:in -- Network cards that are used.
HcclResult HcclGroupStart()
  host refused custom=api/collective.c -- Collectives of the thread from here on begin together.
HcclResult HcclGroupEnd()
  host refused custom=api/collective.c -- Begins them.
HcclResult HcclCommRegister(HcclComm comm, void *addr, uint64_t size, void **handle, uint32_t flag)
  host refused addr:device -- Registers memory.
HcclResult HcclCommDeregister(HcclComm comm, void *handle)
  host refused handle:in drain-all -- Ends that.
HcclResult HcclCommExchangeMem(HcclComm comm, void *windowHandle, uint32_t *peerRanks, uint32_t peerRankNum)
  host refused windowHandle:in peerRanks:in -- Tells others of registered memory.
HcclResult HcclAllReduce(void *sendBuf, void *recvBuf, uint64_t count, HcclDataType dataType, HcclReduceOp op, HcclComm comm, aclrtStream stream)
  async:COLLECTIVE refused composite sendBuf:device recvBuf:device -- Combines data of all, for all.
HcclResult HcclBroadcast(void *buf, uint64_t count, HcclDataType dataType, uint32_t root, HcclComm comm, aclrtStream stream)
  async:COLLECTIVE refused composite buf:device -- Data of one, for all.
HcclResult HcclReduceScatter(void *sendBuf, void *recvBuf, uint64_t recvCount, HcclDataType dataType, HcclReduceOp op, HcclComm comm, aclrtStream stream)
  async:COLLECTIVE refused composite sendBuf:device recvBuf:device -- Combines data of all, a part for each.
HcclResult HcclReduceScatterV(void *sendBuf, const void *sendCounts, const void *sendDispls, void *recvBuf, uint64_t recvCount, HcclDataType dataType, HcclReduceOp op, HcclComm comm, aclrtStream stream)
  async:COLLECTIVE refused composite waits sendBuf:device recvBuf:device -- The same, of different parts.
HcclResult HcclScatter(void *sendBuf, void *recvBuf, uint64_t recvCount, HcclDataType dataType, uint32_t root, HcclComm comm, aclrtStream stream)
  async:COLLECTIVE refused composite sendBuf:device,nullable recvBuf:device -- Data of one, a part for each.
HcclResult HcclAllGather(void *sendBuf, void *recvBuf, uint64_t sendCount, HcclDataType dataType, HcclComm comm, aclrtStream stream)
  async:COLLECTIVE refused composite sendBuf:device recvBuf:device -- Data of each, for all.
HcclResult HcclAllGatherV(void *sendBuf, uint64_t sendCount, void *recvBuf, const void *recvCounts, const void *recvDispls, HcclDataType dataType, HcclComm comm, aclrtStream stream)
  async:COLLECTIVE refused composite waits sendBuf:device recvBuf:device -- The same, of different parts.
HcclResult HcclReduce(void *sendBuf, void *recvBuf, uint64_t count, HcclDataType dataType, HcclReduceOp op, uint32_t root, HcclComm comm, aclrtStream stream)
  async:COLLECTIVE refused composite sendBuf:device recvBuf:device,nullable -- Combines data of all, for one.
HcclResult HcclSend(void *sendBuf, uint64_t count, HcclDataType dataType, uint32_t destRank, HcclComm comm, aclrtStream stream)
  async:COLLECTIVE refused composite sendBuf:device -- Data for one other.
HcclResult HcclRecv(void *recvBuf, uint64_t count, HcclDataType dataType, uint32_t srcRank, HcclComm comm, aclrtStream stream)
  async:COLLECTIVE refused composite recvBuf:device -- Data of one other.
HcclResult HcclAlltoAll(const void *sendBuf, uint64_t sendCount, HcclDataType sendType, const void *recvBuf, uint64_t recvCount, HcclDataType recvType, HcclComm comm, aclrtStream stream)
  async:COLLECTIVE refused composite sendBuf:device recvBuf:device -- Data of each, for each.
HcclResult HcclAlltoAllV(const void *sendBuf, const void *sendCounts, const void *sdispls, HcclDataType sendType, const void *recvBuf, const void *recvCounts, const void *rdispls, HcclDataType recvType, HcclComm comm, aclrtStream stream)
  async:COLLECTIVE refused composite waits sendBuf:device recvBuf:device -- The same, of different parts.
HcclResult HcclAlltoAllVC(const void *sendBuf, const void *sendCountMatrix, HcclDataType sendType, const void *recvBuf, HcclDataType recvType, HcclComm comm, aclrtStream stream)
  async:COLLECTIVE refused composite waits sendBuf:device recvBuf:device -- The same, by a table.
HcclResult HcclBatchSendRecv(HcclSendRecvItem *sendRecvInfo, uint32_t itemNum, HcclComm comm, aclrtStream stream)
  async:COLLECTIVE refused composite sendRecvInfo:copy=itemNum*sizeof(*sendRecvInfo) -- Several sends and receives at once.
HcclResult HcclBarrier(HcclComm comm, aclrtStream stream)
  async:COLLECTIVE refused composite -- Waits for all.
`,
  ),
]
