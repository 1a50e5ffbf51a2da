/** Data channels and queues between host and device. */
import { declared } from '../prototype.ts'
import type { ApiDraft } from '../types.ts'

export const channelsFunctions: ApiDraft[] = [
  ...declared(
    'acl/acl_tdt.h',
    'libacl_tdt_channel.so',
    `
acltdtTensorType acltdtGetTensorTypeFromItem(const acltdtDataItem *dataItem)
  query client -- Kind of an item.
aclDataType acltdtGetDataTypeFromItem(const acltdtDataItem *dataItem)
  query client -- Type of the numbers of an item.
void *acltdtGetDataAddrFromItem(const acltdtDataItem *dataItem)
  query client -- Address of the data of an item.
size_t acltdtGetDataSizeFromItem(const acltdtDataItem *dataItem)
  query client -- Bytes of an item.
size_t acltdtGetDimNumFromItem(const acltdtDataItem *dataItem)
  query client -- Dimensions of an item.
aclError acltdtGetSliceInfoFromItem(const acltdtDataItem *dataItem, size_t *sliceNum, size_t *sliceId)
  query client -- Which slice of how many an item is.
aclError acltdtGetDimsFromItem(const acltdtDataItem *dataItem, int64_t *dims, size_t dimNum)
  query client -- Shape of an item.
acltdtDataItem *acltdtCreateDataItem(acltdtTensorType tdtType, const int64_t *dims, size_t dimNum, aclDataType dataType, void *data, size_t size)
  host client data:address,in -- Makes an item.
aclError acltdtDestroyDataItem(acltdtDataItem *dataItem)
  host client -- Ends an item.
acltdtDataset *acltdtCreateDataset()
  host client -- A list of items.
aclError acltdtDestroyDataset(acltdtDataset *dataset)
  host client -- Ends the list.
acltdtDataItem *acltdtGetDataItem(const acltdtDataset *dataset, size_t index)
  query client -- An item of a list.
aclError acltdtAddDataItem(acltdtDataset *dataset, acltdtDataItem *dataItem)
  host client -- Adds an item to a list.
size_t acltdtGetDatasetSize(const acltdtDataset *dataset)
  query client -- Items of a list.
const char *acltdtGetDatasetName(const acltdtDataset *dataset)
  query client -- Channel that a list came from.
aclError acltdtStopChannel(acltdtChannelHandle *handle)
  host refused -- Wakes whoever waits for a channel.
acltdtChannelHandle *acltdtCreateChannel(uint32_t deviceId, const char *name)
  create refused -- Makes a channel to a device.
acltdtChannelHandle *acltdtCreateChannelWithCapacity(uint32_t deviceId, const char *name, size_t capacity)
  create refused -- Makes a channel of a depth.
aclError acltdtDestroyChannel(acltdtChannelHandle *handle)
  destroy refused -- Ends a channel.
aclError acltdtCleanChannel(acltdtChannelHandle *handle)
  host refused -- Empties a channel.
aclError acltdtSendTensor(const acltdtChannelHandle *handle, const acltdtDataset *dataset, int32_t timeout)
  sync refused -- Sends a list of items.
aclError acltdtReceiveTensor(const acltdtChannelHandle *handle, acltdtDataset *dataset, int32_t timeout)
  sync refused dataset:inout -- Receives a list of items.
aclError acltdtQueryChannelSize(const acltdtChannelHandle *handle, size_t *size)
  query refused -- What a channel holds.
`,
  ),
  ...declared(
    'acl/acl_tdt_queue.h',
    'libacl_tdt_queue.so',
    `
aclError acltdtCreateQueue(const acltdtQueueAttr *attr, uint32_t *qid)
  create refused -- Makes a queue.
aclError acltdtDestroyQueue(uint32_t qid)
  destroy refused -- Ends a queue.
aclError acltdtEnqueue(uint32_t qid, acltdtBuf buf, int32_t timeout)
  sync refused -- Puts a buffer into a queue.
aclError acltdtDequeue(uint32_t qid, acltdtBuf *buf, int32_t timeout)
  sync refused -- Takes a buffer from a queue.
aclError acltdtEnqueueData(uint32_t qid, const void *data, size_t dataSize, const void *userData, size_t userDataSize, int32_t timeout, uint32_t rsv)
  sync refused userData:nullable -- Puts data into a queue.
aclError acltdtDequeueData(uint32_t qid, void *data, size_t dataSize, size_t *retDataSize, void *userData, size_t userDataSize, int32_t timeout)
  sync refused userData:nullable -- Takes data from a queue.
aclError acltdtGrantQueue(uint32_t qid, int32_t pid, uint32_t permission, int32_t timeout)
  host refused -- Lets a process use a queue.
aclError acltdtAttachQueue(uint32_t qid, int32_t timeout, uint32_t *permission)
  host refused -- Begins to use a queue of another process.
aclError acltdtBindQueueRoutes(acltdtQueueRouteList *qRouteList)
  host refused -- Begins to pass buffers between queues.
aclError acltdtUnbindQueueRoutes(acltdtQueueRouteList *qRouteList)
  host refused -- Ends that.
aclError acltdtQueryQueueRoutes(const acltdtQueueRouteQueryInfo *queryInfo, acltdtQueueRouteList *qRouteList)
  query refused -- Between which queues buffers pass.
aclError acltdtAllocBuf(size_t size, uint32_t type, acltdtBuf *buf)
  create refused -- Makes a buffer.
aclError acltdtFreeBuf(acltdtBuf buf)
  host refused -- Gives a buffer back.
aclError acltdtGetBufData(const acltdtBuf buf, void **dataPtr, size_t *size)
  query refused dataPtr:address,out -- Data of a buffer.
aclError acltdtSetBufDataLen(acltdtBuf buf, size_t len)
  host refused -- Sets the bytes in a buffer.
aclError acltdtGetBufDataLen(acltdtBuf buf, size_t *len)
  query refused -- Bytes in a buffer.
aclError acltdtAppendBufChain(acltdtBuf headBuf, acltdtBuf buf)
  host refused -- Puts a buffer behind another.
aclError acltdtGetBufChainNum(acltdtBuf headBuf, uint32_t *num)
  query refused -- Buffers of a chain.
aclError acltdtGetBufFromChain(acltdtBuf headBuf, uint32_t index, acltdtBuf *buf)
  query refused -- A buffer of a chain.
aclError acltdtGetBufUserData(const acltdtBuf buf, void *dataPtr, size_t size, size_t offset)
  query refused dataPtr:bytes=size -- Reads the user's part of a buffer.
aclError acltdtSetBufUserData(acltdtBuf buf, const void *dataPtr, size_t size, size_t offset)
  host refused dataPtr:bytes=size -- Writes the user's part of a buffer.
aclError acltdtCopyBufRef(const acltdtBuf buf, acltdtBuf *newBuf)
  create refused -- One more reference to a buffer.
acltdtQueueAttr *acltdtCreateQueueAttr()
  host client -- Settings of a queue.
aclError acltdtDestroyQueueAttr(const acltdtQueueAttr *attr)
  host client -- Gives the settings back.
aclError acltdtSetQueueAttr(acltdtQueueAttr *attr, acltdtQueueAttrType type, size_t len, const void *param)
  host client -- One setting of a queue.
aclError acltdtGetQueueAttr(const acltdtQueueAttr *attr, acltdtQueueAttrType type, size_t len, size_t *paramRetSize, void *param)
  query client param:bytes=len -- One setting of a queue.
acltdtQueueRoute *acltdtCreateQueueRoute(uint32_t srcId, uint32_t dstId)
  host client -- A way between queues.
aclError acltdtDestroyQueueRoute(const acltdtQueueRoute *route)
  host client -- Ends it.
aclError acltdtGetQueueRouteParam(const acltdtQueueRoute *route, acltdtQueueRouteParamType type, size_t len, size_t *paramRetSize, void *param)
  query client param:bytes=len -- One end of a way, or its state.
acltdtQueueRouteList *acltdtCreateQueueRouteList()
  host client -- A list of ways.
aclError acltdtDestroyQueueRouteList(const acltdtQueueRouteList *routeList)
  host client -- Ends the list.
aclError acltdtAddQueueRoute(acltdtQueueRouteList *routeList, const acltdtQueueRoute *route)
  host client -- Adds a way to a list.
aclError acltdtGetQueueRoute(const acltdtQueueRouteList *routeList, size_t index, acltdtQueueRoute *route)
  query client route:inout -- A way of a list.
size_t acltdtGetQueueRouteNum(const acltdtQueueRouteList *routeList)
  query client -- Ways of a list.
acltdtQueueRouteQueryInfo *acltdtCreateQueueRouteQueryInfo()
  host client -- A question about ways.
aclError acltdtDestroyQueueRouteQueryInfo(const acltdtQueueRouteQueryInfo *info)
  host client -- Ends it.
aclError acltdtSetQueueRouteQueryInfo(acltdtQueueRouteQueryInfo *param, acltdtQueueRouteQueryInfoParamType type, size_t len, const void *value)
  host client -- One part of the question.
`,
  ),
]
