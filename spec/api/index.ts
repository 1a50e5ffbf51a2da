/** The table of AscendCL functions: the one source of the wrappers, codecs, simulator exports and types. */
import type { ApiDraft, ApiFunction } from '../types.ts'
import { numbered } from './ids.ts'
import { callbackFunctions } from './callbacks.ts'
import { ipcFunctions } from './ipc.ts'
import { kernelFunctions } from './kernels.ts'
import { memoryFunctions } from './memory.ts'
import { setupFunctions } from './setup.ts'
import { streamFunctions } from './streams.ts'

const drafts: ApiDraft[] = [
  ...setupFunctions,
  ...streamFunctions,
  ...callbackFunctions,
  ...memoryFunctions,
  ...kernelFunctions,
  ...ipcFunctions,
]

function number(draft: ApiDraft): ApiFunction {
  const id = numbered.indexOf(draft.name) + 1
  if (id === 0) throw new Error(`spec/api/ids.ts has no number for ${draft.name}: add it at the end`)
  const runtime = draft.name.startsWith('aclrt') || draft.name.startsWith('aclmdlRI')
  return { ...draft, id, header: runtime ? 'acl/acl_rt.h' : 'acl/acl.h' }
}

/** Every function in the order of its number; 0 is no function. */
export const api: ApiFunction[] = drafts.map(number).toSorted((a, b) => a.id - b.id)

const gap = api.findIndex(({ id }, i) => id !== i + 1)
if (gap >= 0) throw new Error(`spec/api/ids.ts: ${numbered[gap]} is described nowhere, or twice`)
