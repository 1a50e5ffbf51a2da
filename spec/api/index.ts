/** The table of AscendCL functions: the one source of the wrappers, codecs, simulator exports and types. */
import type { ApiDraft, ApiFunction } from '../types.ts'
import { numbered } from './ids.ts'
import { callbackFunctions } from './callbacks.ts'
import { ipcFunctions } from './ipc.ts'
import { kernelFunctions } from './kernels.ts'
import { memoryFunctions } from './memory.ts'
import { setupFunctions } from './setup.ts'
import { streamFunctions } from './streams.ts'
import { allocationFunctions } from './allocation.ts'
import { buffersFunctions } from './buffers.ts'
import { channelsFunctions } from './channels.ts'
import { collectivesFunctions } from './collectives.ts'
import { deviceFunctions } from './device.ts'
import { executionFunctions } from './execution.ts'
import { floorFunctions } from './floor.ts'
import { graphsFunctions } from './graphs.ts'
import { imagesFunctions } from './images.ts'
import { mappingFunctions } from './mapping.ts'
import { modelsFunctions } from './models.ts'
import { operandsFunctions } from './operands.ts'
import { operatorsFunctions } from './operators.ts'
import { programsFunctions } from './programs.ts'
import { signalsFunctions } from './signals.ts'
import { systemFunctions } from './system.ts'
import { tensorsFunctions } from './tensors.ts'
import { toolsFunctions } from './tools.ts'
import { transferFunctions } from './transfer.ts'

/** Headings of docs/coverage.md, and what stands under each. */
const areas: [string, ApiDraft[]][] = [
  ['Initialization, errors, devices and contexts', setupFunctions],
  ['Streams and events', streamFunctions],
  ['Callbacks', callbackFunctions],
  ['Memory', memoryFunctions],
  ['Kernels and captures', kernelFunctions],
  ['Sharing between processes', ipcFunctions],
  ['Versions, errors and hooks', systemFunctions],
  ['Devices', deviceFunctions],
  ['Streams: attributes, limits and labels', executionFunctions],
  ['Events, notifies and values', signalsFunctions],
  ['Memory: allocation and pools', allocationFunctions],
  ['Memory: copies and prefetching', transferFunctions],
  ['Memory: mapping and sharing', mappingFunctions],
  ['Message buffers and allocators', buffersFunctions],
  ['Kernels', programsFunctions],
  ['Graphs', graphsFunctions],
  ['Tensors and data', tensorsFunctions],
  ['Models', modelsFunctions],
  ['Models: preprocessing of images', imagesFunctions],
  ['Operators by name', operatorsFunctions],
  ['Channels and queues', channelsFunctions],
  ['Profiling, dumps and platform', toolsFunctions],
  ['Operands of aclnn', operandsFunctions],
  ['Collectives (HCCL)', collectivesFunctions],
  ['The rt* functions below AscendCL', floorFunctions],
]

function complete(draft: ApiDraft, area: string): ApiFunction {
  const id = numbered.indexOf(draft.name) + 1
  if (id === 0) throw new Error(`spec/api/ids.ts has no number for ${draft.name}: add it at the end`)
  return {
    ...draft,
    id,
    area,
    header: draft.header ?? 'acl/acl_rt.h',
    library: draft.library ?? 'libacl_rt.so',
    daemon:
      draft.remote !== undefined ? 'hand-written' : (draft.daemon ?? (draft.class === 'async' ? 'operator' : 'call')),
  }
}

/** Every function in the order of its number; 0 is no function. */
export const api: ApiFunction[] = areas
  .flatMap(([area, drafts]) => drafts.map((draft) => complete(draft, area)))
  .toSorted((a, b) => a.id - b.id)

const gap = api.findIndex(({ id }, i) => id !== i + 1)
if (gap >= 0) throw new Error(`spec/api/ids.ts: ${numbered[gap]} is described nowhere, or twice`)
