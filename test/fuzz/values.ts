/** Values that break things: ends of ranges, tags of handles and addresses, sizes of the ring's parts. */
import { ApiId } from '../../build/gen/ts/api.ts'
import { cEnums } from '../../spec/constants.ts'
import { ring as layout } from '../../spec/ring.ts'

/** Value of a member of one of AscendCL's enumerations. */
export function enumValue(name: string, member: string): number {
  const value = (cEnums as Record<string, Record<string, number>>)[name]?.[member]
  if (value === undefined) throw new Error(`${name} has no ${member}`)
  return value
}

export const words32 = [
  0,
  1,
  7,
  8,
  63,
  64,
  0x7fff,
  0xffff,
  0x10000,
  layout.RING_RECORDS - 1,
  layout.RING_RECORDS,
  layout.RING_ARGS_BYTES - 8,
  layout.RING_ARGS_BYTES,
  layout.RING_ARGS_BYTES + 8,
  layout.RING_REPLY_BYTES,
  layout.RING_DATA_BYTES,
  0x7fffffff,
  0x80000000,
  0xfffffff8,
  0xffffffff,
]

export const words64 = [
  ...words32.map(BigInt),
  0x00f1000000000000n,
  0x00f2000000000000n,
  0x00f2ffffffffffffn,
  0x00f3000000000000n,
  0x7fff00000000n,
  0x7fffffffffffffffn,
  0x8000000000000000n,
  0xffffffffffffff00n,
  0xffffffffffffffffn,
]

/** Number of an AscendCL function. */
export function api(name: string): number {
  const id = ApiId[name]
  if (id === undefined) throw new Error(`spec/ has no ${name}`)
  return id
}
