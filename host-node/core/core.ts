/** The scheduling core in Node: an instance (instance.ts) that knows which core.wasm it is. */
import { createHash } from 'node:crypto'
import { CoreInstance } from './instance.ts'

export { CoreError } from './instance.ts'

export class Core extends CoreInstance {
  /** SHA-256 of the core.wasm, as hex. */
  readonly hash: string

  /** Instantiates a core.wasm and puts it into its first state. Throws CoreError where it is none. */
  constructor(wasm: Uint8Array<ArrayBuffer>) {
    super(wasm)
    this.hash = createHash('sha256').update(wasm).digest('hex')
  }
}
