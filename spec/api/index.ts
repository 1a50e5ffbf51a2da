/** The table of AscendCL functions: the one source of the wrappers, codecs, simulator exports and types. */
import type { ApiDraft, ApiFunction } from '../types.ts'
import { kernelFunctions } from './kernels.ts'
import { memoryFunctions } from './memory.ts'
import { setupFunctions } from './setup.ts'
import { streamFunctions } from './streams.ts'

const number = (drafts: ApiDraft[]): ApiFunction[] =>
  drafts.map((draft, index) => ({
    ...draft,
    id: index + 1,
    header: draft.name.startsWith('aclrt') || draft.name.startsWith('aclmdlRI') ? 'acl/acl_rt.h' : 'acl/acl.h',
  }))

/** Every function, numbered from 1 in this order; 0 is no function. */
export const api: ApiFunction[] = number([
  ...setupFunctions,
  ...streamFunctions,
  ...memoryFunctions,
  ...kernelFunctions,
])
