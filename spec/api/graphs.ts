/** Captured and built graphs: their tasks, names, updates and conditions. */
import { declared } from '../prototype.ts'
import type { ApiDraft } from '../types.ts'

export const graphsFunctions: ApiDraft[] = [
  ...declared(
    'acl/acl_rt.h',
    'libacl_rt.so',
    `
aclError aclmdlRIBuildBegin(aclmdlRI *modelRI, uint32_t flag)
  create remote=remote/capture.c -- Begins a graph that is built task by task.
aclError aclmdlRIBindStream(aclmdlRI modelRI, aclrtStream stream, uint32_t flag)
  host call -- The tasks of a stream belong to a graph.
aclError aclmdlRIEndTask(aclmdlRI modelRI, aclrtStream stream)
  host call -- The tasks of a stream end here.
aclError aclmdlRIBuildEnd(aclmdlRI modelRI, void *reserve)
  host call reserve:nullable,address drain-all -- Ends the building of a graph.
aclError aclmdlRIUnbindStream(aclmdlRI modelRI, aclrtStream stream)
  host call -- The tasks of a stream belong to a graph no more.
aclError aclmdlRISetName(aclmdlRI modelRI, const char *name)
  host call -- Names a graph.
aclError aclmdlRIGetName(aclmdlRI modelRI, uint32_t maxLen, char *name)
  query call name:bytes=maxLen -- Name of a graph.
aclError aclmdlRIGetId(aclmdlRI modelRI, uint32_t *modelRIId)
  query call -- Number of a graph.
aclError aclmdlRIDestroyRegisterCallback(aclmdlRI modelRI, aclrtCallback func, void *userData)
  host remote=remote/graph_ends.c userData:nullable -- A function that hears of the end of a graph.
aclError aclmdlRIDestroyUnregisterCallback(aclmdlRI modelRI, aclrtCallback func)
  host remote=remote/graph_ends.c -- The function hears of it no more.
aclError aclmdlRIGetStreams(aclmdlRI modelRI, aclrtStream *streams, uint32_t *numStreams)
  query refused asks streams:nullable -- Streams of a graph.
aclError aclmdlRIGetTasksByStream(aclrtStream stream, aclmdlRITask *tasks, uint32_t *numTasks)
  query refused tasks:nullable -- Tasks of a stream of a graph.
aclError aclmdlRITaskGetType(aclmdlRITask task, aclmdlRITaskType *type)
  query refused -- Kind of a task.
aclError aclmdlRITaskGetSeqId(aclmdlRITask task, uint32_t *id)
  query refused -- Number of a task.
aclError aclmdlRITaskGetParams(aclmdlRITask task, aclmdlRITaskParams *params)
  query refused -- Parameters of a task.
aclError aclmdlRITaskSetParams(aclmdlRITask task, aclmdlRITaskParams *params)
  host refused params:in drain-all -- Changes the parameters of a task.
aclError aclmdlRIKernelTaskGetAttribute(aclmdlRITask task, aclrtLaunchKernelAttrId attrId, aclrtLaunchKernelAttrValue *attrValue)
  query refused -- An attribute of the kernel of a task.
aclError aclmdlRIUpdate(aclmdlRI modelRI)
  host refused drain-all -- Makes changed tasks count.
aclError aclmdlRITaskDisable(aclmdlRITask task)
  host refused drain-all -- Takes a task out of its graph.
aclError aclmdlRIDebugPrint(aclmdlRI modelRI)
  host call -- Prints a graph.
aclError aclmdlRIDebugJsonPrint(aclmdlRI modelRI, const char *path, uint32_t flags)
  host remote=remote/graph_text.c -- Writes a graph to a file.
aclError aclmdlRICaptureThreadExchangeMode(aclmdlRICaptureMode *mode)
  host remote=remote/strictness.c mode:inout -- How strict captures of the thread are.
aclError aclmdlRICaptureToModelRIBegin(aclrtStream stream, aclmdlRI modelRI, aclmdlRICaptureMode mode)
  host remote=remote/capture.c custom=api/graph.c -- From here on the operators of the stream are captured into a graph that is there.
aclError aclmdlRICaptureTaskGrpBegin(aclrtStream stream)
  host call -- Tasks from here on can be updated together.
aclError aclmdlRICaptureTaskGrpEnd(aclrtStream stream, aclrtTaskGrp *handle)
  host call -- Ends such a group of tasks.
aclError aclmdlRICaptureTaskUpdateBegin(aclrtStream stream, aclrtTaskGrp handle)
  host remote=remote/capture.c custom=api/graph.c -- Operators from here on replace a group of tasks.
aclError aclmdlRICaptureTaskUpdateEnd(aclrtStream stream)
  host remote=remote/capture.c custom=api/graph.c -- Ends the replacement.
aclError aclmdlRIAbort(aclmdlRI modelRI)
  host call -- Ends a run of a graph.
aclError aclmdlRICondHandleCreate(aclmdlRI modelRI, uint32_t defaultLaunchValue, aclmdlRICondHandleFlag flag, aclmdlRICondHandle *handle)
  create call -- A condition of a graph.
aclError aclmdlRICondHandleGetCondPtr(aclmdlRICondHandle handle, uint64_t **ptr)
  query remote=remote/memory.c ptr:device -- Where a condition is on the device.
aclError aclmdlRIAddCondTask(aclmdlRICondTaskParams params, aclrtStream stream, uint32_t flags)
  host remote=remote/building.c -- Tasks that depend on a condition.
aclError aclmdlInitDump()
  host refused -- Readies the dump of operators.
aclError aclmdlSetDump(const char *dumpCfgPath)
  host refused -- What operators dump.
aclError aclmdlFinalizeDump()
  host refused drain-all -- Ends the dump of operators.
`,
  ),
]
