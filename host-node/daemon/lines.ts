/**
 * Cuts what a socket delivers into lines. A line that is too long or no UTF-8 ends it: what follows cannot be trusted to
 * begin where a line begins. Memory is bounded by the limit, whatever comes.
 */

/** Longest line, without its end. */
export const LINE_BYTES = 64 * 1024

/** What came is no line of text. */
export class BadLine extends Error {
  override readonly name = 'BadLine'
}

export class Lines {
  readonly #parts: Uint8Array[] = []
  readonly #text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  readonly #limit: number
  #bytes = 0

  constructor(limit = LINE_BYTES) {
    this.#limit = limit
  }

  /** The lines that `chunk` completes, one by one, so that a caller may stop between them. Throws BadLine. */
  *take(chunk: Uint8Array): Generator<string> {
    let from = 0
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, from)) {
      this.#keep(chunk.subarray(from, end))
      const line = Buffer.concat(this.#parts)
      this.#parts.length = this.#bytes = 0
      from = end + 1
      yield this.#decode(line)
    }
    if (from < chunk.length) this.#keep(chunk.subarray(from))
  }

  #keep(part: Uint8Array): void {
    this.#bytes += part.length
    if (this.#bytes > this.#limit) throw new BadLine(`a line of more than ${this.#limit} bytes`)
    this.#parts.push(part)
  }

  #decode(line: Uint8Array): string {
    try {
      return this.#text.decode(line)
    } catch {
      throw new BadLine('a line that is no UTF-8')
    }
  }
}
