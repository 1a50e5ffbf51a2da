/** Commands for the executor, as docs/daemon.md lays them out: written by the loop, carried out in one call. */

export const Command = { OPS: 1, MARK: 2, CALL: 3, WAIT: 4, ANSWER: 5, RELEASE: 6, POST: 7, DROP: 8 } as const

/** Flags of OPS. */
export const MARK = 1
export const SAMPLE = 2
/** Flag of CALL: its outcome is reported. */
export const NOTIFY = 1

/** Most words of a batch; a loop looks at room() before it adds. */
const CAPACITY = 1 << 18
/** More than any command takes. */
const SPARE = 8192

export class Batch {
  readonly words = new Uint32Array(CAPACITY)
  length = 0
  /** Places whose records the executor has once the batch was run: ring << 16 | slot. */
  readonly handed: number[] = []
  /** Where the open OPS command begins, and its stream; -1 where there is none. */
  #open = -1
  #openStream = -1

  /** Whether another event may be worked on before the batch is run. */
  get isFull(): boolean {
    return this.length > CAPACITY - SPARE
  }

  get isEmpty(): boolean {
    return this.length === 0
  }

  clear(): void {
    this.length = 0
    this.handed.length = 0
    this.#open = -1
  }

  #command(kind: number, flags: number, words: readonly number[]): void {
    this.#open = -1
    this.words[this.length++] = kind | (flags << 8) | ((words.length + 1) << 16)
    for (const word of words) this.words[this.length++] = word
  }

  /** Hands an operator over that was issued on credit; those of one stream that follow one another are one command. */
  credited(stream: number, place: number): void {
    if (this.#open < 0 || this.#openStream !== stream || this.length - this.#open > 60_000) {
      this.#open = this.length
      this.#openStream = stream
      this.words[this.length++] = Command.OPS | (3 << 16)
      this.words[this.length++] = stream
      this.words[this.length++] = 0
    }
    const at = this.#open
    this.words[this.length++] = place
    this.words[at + 2]!++
    this.words[at]! += 1 << 16
    this.handed.push(place)
  }

  /** Hands operators over that were decided. */
  ops(stream: number, places: readonly number[], flags: number): void {
    this.#command(Command.OPS, flags, [stream, places.length, ...places])
    for (const place of places) this.handed.push(place)
  }

  mark(stream: number): void {
    this.#command(Command.MARK, 0, [stream])
  }

  call(place: number, number: number, flags: number): void {
    this.#command(Command.CALL, flags, [place, number])
    this.handed.push(place)
  }

  post(place: number): void {
    this.#command(Command.POST, 0, [place])
    this.handed.push(place)
  }

  /** Answers a call when the stream is complete up to `seq`. */
  wait(place: number, stream: number, seq: number): void {
    this.#command(Command.WAIT, 0, [place, stream, seq >>> 0, Math.floor(seq / 2 ** 32)])
    this.handed.push(place)
  }

  /** Answers a call with an aclError and words of output. */
  answer(place: number, error: number, words: readonly number[] = []): void {
    this.#command(Command.ANSWER, 0, [place, error, words.length, ...words])
    this.handed.push(place)
  }

  /** Forgets what is known of a stream that is gone. */
  drop(stream: number): void {
    this.#command(Command.DROP, 0, [stream])
  }
}
