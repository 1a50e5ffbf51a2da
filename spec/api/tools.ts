/** Profiling, dumps, and figures of the platform. */
import { declared } from '../prototype.ts'
import type { ApiDraft } from '../types.ts'

export const toolsFunctions: ApiDraft[] = [
  ...declared(
    'acl/acl_prof.h',
    'libmsprofiler.so',
    `
aclError aclprofInit(const char *profilerResultPath, size_t length)
  host refused -- Readies the profiler.
aclError aclprofFinalize()
  host refused drain-all -- Ends the profiler.
aclError aclprofStart(const aclprofConfig *profilerConfig)
  host refused drain-all -- Begins a profile.
aclError aclprofStop(const aclprofConfig *profilerConfig)
  host refused drain-all -- Ends a profile.
aclprofConfig *aclprofCreateConfig(uint32_t *deviceIdList, uint32_t deviceNums, aclprofAicoreMetrics aicoreMetrics, const aclprofAicoreEvents *aicoreEvents, uint64_t dataTypeConfig)
  host client deviceIdList:in aicoreEvents:nullable -- What is profiled.
aclError aclprofDestroyConfig(const aclprofConfig *profilerConfig)
  host client -- Gives that back.
aclError aclprofSetConfig(aclprofConfigType configType, const char *config, size_t configLength)
  host refused -- A setting of the profiler.
aclError aclprofModelSubscribe(uint32_t modelId, const aclprofSubscribeConfig *profSubscribeConfig)
  host refused -- Begins a profile of a model.
aclError aclprofModelUnSubscribe(uint32_t modelId)
  host refused drain-all -- Ends a profile of a model.
aclprofSubscribeConfig *aclprofCreateSubscribeConfig(int8_t timeInfoSwitch, aclprofAicoreMetrics aicoreMetrics, void *fd)
  host client fd:nullable -- What is profiled of a model.
aclError aclprofDestroySubscribeConfig(const aclprofSubscribeConfig *profSubscribeConfig)
  host client -- Gives that back.
aclError aclprofGetOpDescSize(size_t *opDescSize)
  query client -- Bytes of a description of an operator.
aclError aclprofGetOpNum(const void *opInfo, size_t opInfoLen, uint32_t *opNumber)
  query client opInfo:bytes=opInfoLen -- Operators of a profile.
aclError aclprofGetOpTypeLen(const void *opInfo, size_t opInfoLen, uint32_t index, size_t *opTypeLen)
  query client opInfo:bytes=opInfoLen -- Length of the kind of an operator.
aclError aclprofGetOpType(const void *opInfo, size_t opInfoLen, uint32_t index, char *opType, size_t opTypeLen)
  query client opInfo:bytes=opInfoLen opType:bytes=opTypeLen -- Kind of an operator.
aclError aclprofGetOpNameLen(const void *opInfo, size_t opInfoLen, uint32_t index, size_t *opNameLen)
  query client opInfo:bytes=opInfoLen -- Length of the name of an operator.
aclError aclprofGetOpName(const void *opInfo, size_t opInfoLen, uint32_t index, char *opName, size_t opNameLen)
  query client opInfo:bytes=opInfoLen opName:bytes=opNameLen -- Name of an operator.
uint64_t aclprofGetOpStart(const void *opInfo, size_t opInfoLen, uint32_t index)
  query client opInfo:bytes=opInfoLen -- Begin of an operator, in nanoseconds.
uint64_t aclprofGetOpEnd(const void *opInfo, size_t opInfoLen, uint32_t index)
  query client opInfo:bytes=opInfoLen -- End of an operator, in nanoseconds.
uint64_t aclprofGetOpDuration(const void *opInfo, size_t opInfoLen, uint32_t index)
  query client opInfo:bytes=opInfoLen -- Duration of an operator, in nanoseconds.
size_t aclprofGetModelId(const void *opInfo, size_t opInfoLen, uint32_t index)
  query client opInfo:bytes=opInfoLen -- Model of an operator.
aclprofSubscribeOpFlag aclprofGetOpFlag(const void *opInfo, size_t opInfoLen, uint32_t index)
  query client opInfo:bytes=opInfoLen -- What kind of entry an operator is.
const char *aclprofGetOpAttriValue(const void *opInfo, size_t opInfoLen, uint32_t index, aclprofSubscribeOpAttri attri)
  query client opInfo:bytes=opInfoLen -- An attribute of an operator.
aclError aclprofGetStepTimestamp(aclprofStepInfo *stepInfo, aclprofStepTag tag, aclrtStream stream)
  async:OTHER refused waits stepInfo:inout -- Marks a step in a stream.
aclprofStepInfo *aclprofCreateStepInfo()
  host client -- Room for a step.
void aclprofDestroyStepInfo(aclprofStepInfo *stepinfo)
  host client -- Gives that room back.
void *aclprofCreateStamp()
  host client -- A mark.
void aclprofDestroyStamp(void *stamp)
  host client stamp:in -- Ends a mark.
aclError aclprofPush(void *stamp)
  host client stamp:in -- Begins a span of the thread.
aclError aclprofPop()
  host client -- Ends the latest span of the thread.
aclError aclprofRangeStart(void *stamp, uint32_t *rangeId)
  host client stamp:in -- Begins a span.
aclError aclprofRangeStop(uint32_t rangeId)
  host client -- Ends a span.
aclError aclprofSetStampTraceMessage(void *stamp, const char *msg, uint32_t msgLen)
  host client stamp:in -- Text of a mark.
aclError aclprofMark(void *stamp)
  host client stamp:in -- Sets a mark.
aclError aclprofMarkEx(const char *msg, size_t msgLen, aclrtStream stream)
  async:OTHER refused waits -- Sets a mark in a stream.
uint64_t aclprofStr2Id(const char *message)
  query client -- Number of a text.
aclError aclprofRangePushEx(aclprofEventAttributes *attr)
  host client attr:in -- Begins a span of the thread, with attributes.
aclError aclprofRangePop()
  host client -- Ends that span.
`,
  ),
  ...declared(
    'acl/acl_dump.h',
    'libascend_dump.so',
    `
aclError acldumpRegCallback(int32_t ( * const messageCallback)(const acldumpChunk *, int32_t), int32_t flag)
  host refused -- A function that receives dumps.
void acldumpUnregCallback()
  host refused -- It receives them no more.
const char *acldumpGetPath(acldumpType dumpType)
  query client -- Where a kind of dump is written.
aclError acldumpSaveExceptionInfo(const char *fileName, const char *userTag, const acldumpTensorInfo *tensors, size_t tensorCount)
  host refused -- Writes tensors of a failed operator to a file.
aclError acldumpGetExceptionInfoPath(char *path, size_t maxLen)
  query refused path:bytes=maxLen -- Where failed operators are written.
`,
  ),
  ...declared(
    'acl/acl_platform.h',
    'libplatform.so',
    `
aclError aclplatformGetDeviceInfo(aclplatformDevInfo infoType, char *value, uint32_t maxLen)
  query client value:bytes=maxLen -- One figure of the chip, as text.
aclError aclplatformGetInstructionInfo(aclplatformCoreType type, const char *instruction, char *value, uint32_t maxLen)
  query client value:bytes=maxLen -- What an instruction of a core takes, as text.
`,
  ),
]
