/** Streams beyond the common ones: attributes, limits, labels, and how a stream is stopped. */
import { declared } from '../prototype.ts'
import type { ApiDraft } from '../types.ts'

export const executionFunctions: ApiDraft[] = [
  ...declared(
    'acl/acl_rt.h',
    'libacl_rt.so',
    `
aclrtStreamConfigHandle *aclrtCreateStreamConfigHandle(void)
  host remote=remote/stream_config.c -- Settings for a stream that is to be made.
aclError aclrtDestroyStreamConfigHandle(aclrtStreamConfigHandle *handle)
  host remote=remote/stream_config.c -- Gives the settings back.
aclError aclrtSetStreamConfigOpt(aclrtStreamConfigHandle *handle, aclrtStreamConfigAttr attr, const void *attrValue, size_t valueSize)
  host remote=remote/stream_config.c attrValue:address -- One setting for a stream that is to be made.
aclError aclrtCreateStreamV2(aclrtStream *stream, const aclrtStreamConfigHandle *handle)
  create remote=remote/stream_config.c custom=api/stream.c handle:nullable -- Makes a stream with settings.
aclError aclrtStreamGetFlags(aclrtStream stream, uint32_t *flags)
  query call asks -- Flags with which a stream was made.
aclError aclrtSetStreamFailureMode(aclrtStream stream, uint64_t mode)
  host call -- Whether a stream goes on after a failure.
aclError aclrtSetStreamOverflowSwitch(aclrtStream stream, uint32_t flag)
  host call -- Whether a stream looks for overflows.
aclError aclrtGetStreamOverflowSwitch(aclrtStream stream, uint32_t *flag)
  query call -- Whether a stream looks for overflows.
aclError aclrtSetStreamAttribute(aclrtStream stream, aclrtStreamAttr stmAttrType, aclrtStreamAttrValue *value)
  host call value:in -- Changes an attribute of a stream.
aclError aclrtGetStreamAttribute(aclrtStream stream, aclrtStreamAttr stmAttrType, aclrtStreamAttrValue *value)
  query call -- An attribute of a stream.
aclError aclrtGetStreamAvailableNum(uint32_t *streamCount)
  query call -- How many more streams there may be.
aclError aclrtDeviceGetStreamPriorityRange(int32_t *leastPriority, int32_t *greatestPriority)
  query call -- Priorities that streams may have.
aclError aclrtStreamAbort(aclrtStream stream)
  destroy remote=remote/aborts.c custom=api/abort.c -- Ends what a stream still holds.
aclError aclrtStreamStop(aclrtStream stream)
  host call asks -- Stops what a stream runs now, and keeps the rest.
aclError aclrtPersistentTaskClean(aclrtStream stream)
  host call -- Empties a persistent stream.
aclError aclrtRegStreamStateCallback(const char *regName, aclrtStreamStateCallback callback, void *args)
  host remote=remote/listeners.c args:nullable -- A function that hears of streams made and ended.
aclError aclrtActiveStream(aclrtStream activeStream, aclrtStream stream)
  async:OTHER answered -- Starts a stream from another.
aclError aclrtSwitchStream(void *leftValue, aclrtCondition cond, void *rightValue, aclrtCompareDataType dataType, aclrtStream trueStream, aclrtStream falseStream, aclrtStream stream)
  async:OTHER answered leftValue:device,bytes=dataType==ACL_RT_SWITCH_INT64?8u:4u rightValue:device,bytes=dataType==ACL_RT_SWITCH_INT64?8u:4u trueStream:nullable falseStream:nullable -- Goes on with one of two streams.
aclError aclrtSetStreamResLimit(aclrtStream stream, aclrtDevResLimitType type, uint32_t value)
  host remote=remote/limits.c -- Sets the cores that a stream may use.
aclError aclrtGetStreamResLimit(aclrtStream stream, aclrtDevResLimitType type, uint32_t *value)
  query remote=remote/limits.c -- Cores that a stream may use.
aclError aclrtResetStreamResLimit(aclrtStream stream)
  host remote=remote/limits.c -- Gives that limit up.
aclError aclrtUseStreamResInCurrentThread(aclrtStream stream)
  host remote=remote/plans.c -- The thread plans for the cores of a stream.
aclError aclrtUnuseStreamResInCurrentThread(aclrtStream stream)
  host remote=remote/plans.c -- The thread plans so no more.
aclError aclrtSubscribeHostFunc(uint64_t hostFuncThreadId, aclrtStream exeStream)
  host remote=remote/callbacks.c -- The thread runs the functions of a stream.
aclError aclrtProcessHostFunc(int32_t timeout)
  host remote=remote/callbacks.c -- Waits for such a function, and runs it.
aclError aclrtUnSubscribeHostFunc(uint64_t hostFuncThreadId, aclrtStream exeStream)
  host remote=remote/callbacks.c -- The thread runs them no more.
aclError aclrtCreateLabel(aclrtLabel *label)
  create call -- A place in a stream to jump to.
aclError aclrtSetLabel(aclrtLabel label, aclrtStream stream)
  async:OTHER answered -- Puts a label into a stream.
aclError aclrtDestroyLabel(aclrtLabel label)
  destroy call -- Ends a label.
aclError aclrtCreateLabelList(aclrtLabel *labels, size_t num, aclrtLabelList *labelList)
  create remote=remote/building.c labels:in -- A list of labels.
aclError aclrtDestroyLabelList(aclrtLabelList labelList)
  destroy call -- Ends a list of labels.
aclError aclrtSwitchLabelByIndex(void *ptr, uint32_t maxValue, aclrtLabelList labelList, aclrtStream stream)
  async:OTHER answered ptr:device,bytes=4u -- Jumps to a label of a list.
aclError aclrtGetOverflowStatus(void *outputAddr, size_t outputSize, aclrtStream stream)
  async:OTHER answered outputAddr:device,bytes=outputSize -- Copies the notes of overflows to device memory.
aclError aclrtResetOverflowStatus(aclrtStream stream)
  async:OTHER answered -- Forgets the notes of overflows.
aclError aclrtGetFloatOverflowStatus(void *outputAddr, uint64_t outputSize, aclrtStream stream)
  async:OTHER answered outputAddr:device,bytes=outputSize -- Copies the notes of overflows to device memory.
aclError aclrtResetFloatOverflowStatus(aclrtStream stream)
  async:OTHER answered -- Forgets the notes of overflows.
aclError aclrtNpuGetFloatOverFlowStatus(void *outputAddr, uint64_t outputSize, uint32_t checkMode, aclrtStream stream)
  async:OTHER answered outputAddr:device,bytes=outputSize -- Copies the notes of overflows to device memory, in a mode.
aclError aclrtNpuClearFloatOverFlowStatus(uint32_t checkMode, aclrtStream stream)
  async:OTHER answered -- Forgets the notes of overflows, in a mode.
aclError aclrtRandomNumAsync(const aclrtRandomNumTaskInfo *taskInfo, const aclrtStream stream, void *reserve)
  async:OTHER answered taskInfo:copy=sizeof(*taskInfo) reserve:nullable -- Fills device memory with random numbers.
aclError aclrtTaskUpdateAsync(aclrtStream taskStream, uint32_t taskId, aclrtTaskUpdateInfo *info, aclrtStream execStream)
  async:OTHER refused info:copy=sizeof(*info) -- Changes an operator that waits in another stream.
`,
  ),
]
