/**
 * Reads a recording as its bytes come, in pieces of any size: from a browser's stream, or from a daemon that still writes.
 * Frames are checked and handed out as LogReader does it, each as soon as it is whole; end() says how it ended.
 */
import { FRAME_HEADER_BYTES, LOG_HEADER_BYTES } from '../../spec/log.ts'
import { ByteQueue } from '../replay/byte-queue.ts'
import { decodeFrameHeader } from './frame.ts'
import { finishLog, noteFrame, readFrame, sequenceFault, type ByteWindow, type Frame, type LogEnd } from './frames.ts'
import { decodeFixedHeader, decodeHeaderJson, type LogHeader } from './header.ts'

export class FrameStream {
  /** What it is called in messages. */
  readonly file: string
  readonly #queue = new ByteQueue()
  readonly #window: ByteWindow
  readonly #sink: (frame: Frame) => void
  #header: LogHeader | undefined
  /** Byte offset in the recording of the first byte that waits. */
  #at = 0
  #end: LogEnd = { events: 0n, decisions: 0n, index: [] }
  /** The footer has come; what follows is the trailer. */
  #footer: Frame | undefined

  /** `sink` gets every good frame, the footer excepted; its payload is valid during the call only. */
  constructor(file: string, sink: (frame: Frame) => void) {
    this.file = file
    this.#sink = sink
    this.#window = {
      bytes: (at, length) =>
        this.#queue.peek(Math.min(at - this.#at + length, this.#queue.length)).subarray(at - this.#at),
    }
  }

  /** Known once it has come. */
  get header(): LogHeader | undefined {
    return this.#header
  }

  /** What was read so far. */
  get read(): LogEnd {
    return this.#end
  }

  /** Takes in the next bytes. Throws LogError where they are no recording; after damage they are not looked at. */
  push(bytes: Uint8Array): void {
    if (this.#end.damage !== undefined) return
    this.#queue.push(bytes)
    if (this.#header === undefined && !this.#readHeader(false)) return
    while (this.#footer === undefined && this.#end.damage === undefined && this.#frameIsWhole()) this.#readFrame()
  }

  /** There are no more bytes: how it ended. Throws LogError where not even the header is whole. */
  finish(): LogEnd {
    if (this.#header === undefined) this.#readHeader(true)
    if (this.#end.damage !== undefined) return this.#end
    if (this.#footer === undefined) this.#readFrame()
    else this.#end = finishLog(this.#window, this.#at + this.#queue.length, this.#footer, this.#end)
    return this.#end
  }

  /** Reads the header as far as it is there; `last`: no more of it will come. */
  #readHeader(last: boolean): boolean {
    const enough = this.#queue.length >= LOG_HEADER_BYTES
    if (!enough && !last) return false
    const fixed = decodeFixedHeader(this.file, this.#window.bytes(0, LOG_HEADER_BYTES))
    const text = this.#window.bytes(LOG_HEADER_BYTES, fixed.json_bytes)
    if (text.length < fixed.json_bytes && !last) return false
    this.#header = { ...fixed.header, json: decodeHeaderJson(this.file, text, fixed.json_bytes, fixed.json_crc32) }
    this.#drop(LOG_HEADER_BYTES + fixed.json_bytes)
    return true
  }

  #frameIsWhole(): boolean {
    if (this.#queue.length < FRAME_HEADER_BYTES) return false
    const header = decodeFrameHeader(this.#queue.peek(FRAME_HEADER_BYTES))
    // A header that is not good is as whole as it will ever be.
    return typeof header === 'string' || this.#queue.length >= FRAME_HEADER_BYTES + header.payload_bytes
  }

  #readFrame(): void {
    const frame = readFrame(this.#window, this.#at)
    if ('reason' in frame) {
      this.#end = { ...this.#end, damage: frame }
      return
    }
    const broken = sequenceFault(frame, this.#end)
    if (broken !== undefined) {
      this.#end = { ...this.#end, damage: { kind: 'damaged', at: this.#at, reason: broken } }
    } else if (frame.name === 'FOOTER') this.#footer = { ...frame, payload: frame.payload.slice() }
    else {
      noteFrame(frame, this.#end)
      this.#sink(frame)
      this.#drop(FRAME_HEADER_BYTES + frame.payload.length)
    }
  }

  #drop(bytes: number): void {
    this.#queue.drop(bytes)
    this.#at += bytes
  }
}
