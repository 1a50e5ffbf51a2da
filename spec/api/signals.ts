/** Events beyond the common ones, notifies, counting notifies, and values that streams write and wait for. */
import { declared } from '../prototype.ts'
import type { ApiDraft } from '../types.ts'

export const signalsFunctions: ApiDraft[] = [
  ...declared(
    'acl/acl_rt.h',
    'libacl_rt.so',
    `
aclError aclrtRecordEventWithFlag(aclrtEvent event, aclrtStream stream, uint32_t flag)
  async:EVENT_RECORD answered custom=api/outside.c op.sync=event -- Records an event, with a flag.
aclError aclrtStreamWaitEventWithFlag(aclrtStream stream, aclrtEvent event, uint32_t timeout, uint32_t flag)
  async:EVENT_WAIT answered custom=api/outside.c op.sync=event -- The stream waits for an event, with a time and a flag.
aclError aclrtStreamWaitEventWithTimeout(aclrtStream stream, aclrtEvent event, int32_t timeout)
  async:EVENT_WAIT answered op.sync=event -- The stream waits for an event, -1 or milliseconds.
aclError aclrtGetEventId(aclrtEvent event, uint32_t *eventId)
  query call -- Number of an event.
aclError aclrtGetEventAvailNum(uint32_t *eventCount)
  query call -- How many more events there may be.
aclError aclrtCreateNotify(aclrtNotify *notify, uint64_t flag)
  create remote=remote/events.c -- Makes a notify, a semaphore between streams.
aclError aclrtDestroyNotify(aclrtNotify notify)
  destroy remote=remote/events.c custom=api/notify.c -- Ends a notify.
aclError aclrtRecordNotify(aclrtNotify notify, aclrtStream stream)
  async:NOTIFY_RECORD op.sync=notify -- Raises a notify.
aclError aclrtWaitAndResetNotify(aclrtNotify notify, aclrtStream stream, uint32_t timeout)
  async:NOTIFY_WAIT op.sync=notify -- The stream waits for a notify and lowers it.
aclError aclrtGetNotifyId(aclrtNotify notify, uint32_t *notifyId)
  query call -- Number of a notify.
aclError aclrtNotifyBatchReset(aclrtNotify *notifies, size_t num)
  host remote=remote/notifies.c notifies:in drain-all -- Lowers several notifies.
aclError aclrtNotifyGetExportKey(aclrtNotify notify, char *key, size_t len, uint64_t flags)
  host remote=remote/ipc.c key:bytes=len -- A key by which other processes open a notify.
aclError aclrtNotifyImportByKey(aclrtNotify *notify, const char *key, uint64_t flags)
  create remote=remote/ipc.c -- Opens a notify of another process.
aclError aclrtNotifySetImportPid(aclrtNotify notify, int32_t *pid, size_t num)
  host remote=remote/ipc.c pid:in -- Processes that may open a notify.
aclError aclrtNotifySetImportPidInterServer(aclrtNotify notify, aclrtServerPid *serverPids, size_t num)
  host refused serverPids:in -- Processes of other machines that may open a notify.
aclError aclrtCntNotifyCreate(aclrtCntNotify *cntNotify, uint64_t flag)
  create remote=remote/events.c -- Makes a notify with a count.
aclError aclrtCntNotifyDestroy(aclrtCntNotify cntNotify)
  destroy remote=remote/events.c custom=api/notify.c -- Ends a notify with a count.
aclError aclrtCntNotifyRecord(aclrtCntNotify cntNotify, aclrtStream stream, aclrtCntNotifyRecordInfo *info)
  async:NOTIFY_RECORD answered op.sync=cntNotify info:copy=sizeof(*info) -- Changes the count.
aclError aclrtCntNotifyWaitWithTimeout(aclrtCntNotify cntNotify, aclrtStream stream, aclrtCntNotifyWaitInfo *info)
  async:NOTIFY_WAIT answered op.sync=cntNotify info:copy=sizeof(*info) -- The stream waits for the count.
aclError aclrtCntNotifyReset(aclrtCntNotify cntNotify, aclrtStream stream)
  async:NOTIFY_RECORD op.sync=cntNotify -- Sets the count to 0.
aclError aclrtCntNotifyGetId(aclrtCntNotify cntNotify, uint32_t *notifyId)
  query call -- Number of a notify with a count.
aclError aclrtValueWrite(void *devAddr, uint64_t value, uint32_t flag, aclrtStream stream)
  async:OTHER answered devAddr:device,bytes=8u -- The stream writes a value.
aclError aclrtValueWait(void *devAddr, uint64_t value, uint32_t flag, aclrtStream stream)
  async:NOTIFY_WAIT answered op.sync=devAddr devAddr:device,bytes=8u -- The stream waits for a value.
`,
  ),
]
