/** Names of operators. */
import { OpClassNames } from '../../build/gen/ts/records.ts'
import { NameKind } from '../../host-node/log/names.ts'
import type { Recording } from './recording.ts'

/** What an OP_SUBMIT submits: the kernel's name where one is known, else its class. */
export function submittedName(recording: Recording, event: number): string {
  const { events } = recording
  const key = (BigInt(events.u32(event, 28)) << 32n) | BigInt(events.u32(event, 24))
  const kernel = key === 0n ? undefined : recording.activity.topology.nameOf(NameKind.KERNEL, key)
  return kernel ?? OpClassNames[events.u32(event, 16) & 0xffff] ?? ''
}
