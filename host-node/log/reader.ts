/**
 * Reads a recording frame by frame, in file order, with bounded memory. A frame is handed out only when every check on
 * it has passed; at the first that fails reading ends, and `end` says where and why. So what a reader yields is always
 * a prefix of what the writer wrote, whatever happened to the file.
 */
import { FRAME_HEADER_BYTES, LOG_HEADER_BYTES, TRAILER_BYTES } from '../../spec/log.ts'
import { LogError } from './errors.ts'
import { FileWindow } from './file-window.ts'
import { decodeFooter, decodeTrailer, type FrameIndexEntry } from './footer.ts'
import { finishLog, noteFrame, readFrame, sequenceFault, type Frame, type LogEnd } from './frames.ts'
import { decodeFixedHeader, decodeHeaderJson, type LogHeader } from './header.ts'

export type { Frame, LogEnd } from './frames.ts'

export class LogReader {
  readonly file: string
  readonly header: LogHeader
  /** Byte offset of the first frame. */
  readonly first_frame: number
  readonly #window: FileWindow
  #end: LogEnd | undefined

  /** Opens `file` and checks its header. Throws LogError that says what it is instead of a recording. */
  constructor(file: string) {
    this.file = file
    this.#window = new FileWindow(file)
    try {
      const fixed = decodeFixedHeader(file, this.#window.bytes(0, LOG_HEADER_BYTES))
      const text = this.#window.bytes(LOG_HEADER_BYTES, fixed.json_bytes)
      this.header = { ...fixed.header, json: decodeHeaderJson(file, text, fixed.json_bytes, fixed.json_crc32) }
      this.first_frame = LOG_HEADER_BYTES + fixed.json_bytes
    } catch (error) {
      this.#window.close()
      throw error
    }
  }

  /** Size of the file in bytes. */
  get size(): number {
    return this.#window.size
  }

  /** How reading ended; known once frames() has run to its end. */
  get end(): LogEnd {
    if (this.#end === undefined) throw new Error('the recording has not been read to its end')
    return this.#end
  }

  close(): void {
    this.#window.close()
  }

  /** Whether its end is as a writer leaves it that closes it: a footer, and the trailer that points there. */
  isClosed(): boolean {
    return this.#footer() !== undefined
  }

  #footer(): Frame | undefined {
    const trailer = decodeTrailer(this.#window.bytes(this.size - TRAILER_BYTES, TRAILER_BYTES))
    if (trailer === undefined || trailer < this.first_frame || trailer >= this.size) return undefined
    const frame = readFrame(this.#window, trailer)
    return !('reason' in frame) && frame.name === 'FOOTER' ? frame : undefined
  }

  /** Every good frame from the first, the footer excepted. */
  *frames(): Generator<Frame, void> {
    const end: LogEnd = { events: 0n, decisions: 0n, index: [] }
    let at = this.first_frame
    for (;;) {
      const frame = readFrame(this.#window, at)
      if ('reason' in frame) {
        this.#end = { ...end, damage: frame }
        return
      }
      const broken = sequenceFault(frame, end)
      if (broken !== undefined) {
        this.#end = { ...end, damage: { kind: 'damaged', at, reason: broken } }
        return
      }
      if (frame.name === 'FOOTER') {
        this.#end = finishLog(this.#window, this.size, frame, end)
        return
      }
      noteFrame(frame, end)
      at += FRAME_HEADER_BYTES + frame.payload.length
      yield frame
    }
  }

  /**
   * Where every frame lies: from the footer where the file has one, else by scanning. The footer is a hint: readFrame
   * checks each frame again.
   */
  index(): FrameIndexEntry[] {
    const footer = this.#footer()
    if (footer !== undefined) return decodeFooter(footer.payload).index
    for (const _ of this.frames());
    return this.end.index
  }

  /** The frame at a byte offset, out of order (for seeking). Throws LogError 'unreadable' where it is not good. */
  readFrame(offset: number): Frame {
    const frame = readFrame(this.#window, offset)
    if ('reason' in frame) throw new LogError('unreadable', this.file, frame.at, frame.reason)
    return frame
  }
}

/** Whether a file begins as a recording does; it may be torn or newer. */
export function isRecording(file: string): boolean {
  try {
    new LogReader(file).close()
    return true
  } catch (error) {
    if (error instanceof LogError) return error.code === 'newer' || error.code === 'header'
    throw error
  }
}
