/** Constants and types of AscendCL by name, whatever header of spec/headers/ they belong to. */
import { headers } from './headers/index.ts'
import type { CStruct, Enums } from './headers/types.ts'

export { errorCodes } from './headers/errors.ts'

/** Enumerations, each a C enum of the same name. */
export const cEnums: Enums = Object.assign({}, ...headers.map((h) => h.enums ?? {}))

/** Opaque handles: each is a pointer. */
export const opaqueHandles: string[] = headers.flatMap((h) => h.handles ?? [])

export const cStructs: CStruct[] = headers.flatMap((h) => h.structs ?? [])
