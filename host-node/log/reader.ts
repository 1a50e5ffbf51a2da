/**
 * Reads a recording frame by frame, in file order, with bounded memory. A frame is handed out only when every check on
 * it has passed; at the first that fails reading ends, and `end` says where and why. So what a reader yields is always
 * a prefix of what the writer wrote, whatever happened to the file.
 */
import { FRAME_HEADER_BYTES, FrameType, LOG_HEADER_BYTES, TRAILER_BYTES } from '../../spec/log.ts'
import { LogError, type Damage } from './errors.ts'
import { FileWindow } from './file-window.ts'
import { decodeFooter, decodeTrailer, type Footer, type FrameIndexEntry } from './footer.ts'
import { decodeFrameHeader, frameName, payloadFault, type FrameHeader, type FrameName } from './frame.ts'
import { decodeFixedHeader, decodeHeaderJson, type LogHeader } from './header.ts'
import { decodeNames } from './names.ts'
import { checkSnapshot } from './snapshot.ts'

/** A good frame. */
export interface Frame {
  name: FrameName
  /** Byte offset of its header in the file. */
  offset: number
  /** Records in the payload. */
  count: number
  /** Number of the first record, counted from 1. */
  first_seq: bigint
  /** Valid until the next frame is read. */
  payload: Uint8Array
}

/** How reading ended. */
export interface LogEnd {
  /** Good events and decisions. */
  events: bigint
  decisions: bigint
  /** Good frames, in file order, the footer excepted: the footer index, built anew. */
  index: FrameIndexEntry[]
  /** Present where the recording was closed properly. */
  footer?: Footer
  /** Present where it was not, or is not as it was written. */
  damage?: Damage
}

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

  /** Every good frame from the first, the footer excepted. */
  *frames(): Generator<Frame, void> {
    const end: LogEnd = { events: 0n, decisions: 0n, index: [] }
    let at = this.first_frame
    for (;;) {
      const frame = this.#read(at)
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
        this.#end = this.#finish(frame, end)
        return
      }
      end.index.push({ offset: at, type: FrameType[frame.name], count: frame.count, first_seq: frame.first_seq })
      if (frame.name === 'EVENTS') end.events += BigInt(frame.count)
      if (frame.name === 'DECISIONS') end.decisions += BigInt(frame.count)
      at += FRAME_HEADER_BYTES + frame.payload.length
      yield frame
    }
  }

  /**
   * Where every frame lies: from the footer where the file has one, else by scanning. The footer is a hint: readFrame
   * checks each frame again.
   */
  index(): FrameIndexEntry[] {
    const trailer = decodeTrailer(this.#window.bytes(this.size - TRAILER_BYTES, TRAILER_BYTES))
    if (trailer !== undefined && trailer >= this.first_frame && trailer < this.size) {
      const frame = this.#read(trailer)
      if (!('reason' in frame) && frame.name === 'FOOTER') return decodeFooter(frame.payload).index
    }
    for (const _ of this.frames());
    return this.end.index
  }

  /** The frame at a byte offset, out of order (for seeking). Throws LogError 'unreadable' where it is not good. */
  readFrame(offset: number): Frame {
    const frame = this.#read(offset)
    if ('reason' in frame) throw new LogError('unreadable', this.file, frame.at, frame.reason)
    return frame
  }

  #read(at: number): Frame | Damage {
    const torn = (reason: string): Damage => ({ kind: 'torn', at, reason })
    const damaged = (reason: string): Damage => ({ kind: 'damaged', at, reason })
    const head = this.#window.bytes(at, FRAME_HEADER_BYTES)
    if (head.length === 0) return torn('the file ends without a footer, its writer did not close it')
    if (head.length < FRAME_HEADER_BYTES) return torn(`the file ends ${head.length} bytes into a frame header`)
    const header = decodeFrameHeader(head)
    if (typeof header === 'string') return damaged(header)
    const name = frameName(header.type) as FrameName
    const payload = this.#window.bytes(at + FRAME_HEADER_BYTES, header.payload_bytes)
    if (payload.length < header.payload_bytes) {
      return torn(`the file ends ${payload.length} bytes into the ${header.payload_bytes} of a ${name} frame`)
    }
    const fault = payloadFault(header, payload) ?? contentFault(name, header, payload)
    if (fault !== undefined) return damaged(fault)
    return { name, offset: at, count: header.count, first_seq: header.first_seq, payload }
  }

  /** Compares the footer with what was read, and looks for the trailer behind it. */
  #finish(frame: Frame, end: LogEnd): LogEnd {
    const footer = decodeFooter(frame.payload)
    const wrong = footerFault(footer, end)
    if (wrong !== undefined) return { ...end, damage: { kind: 'damaged', at: frame.offset, reason: wrong } }
    const at = frame.offset + FRAME_HEADER_BYTES + frame.payload.length
    const rest = this.size - at
    if (rest < TRAILER_BYTES) {
      const damage: Damage = {
        kind: 'torn',
        at,
        reason: `the file ends ${rest} bytes into the ${TRAILER_BYTES}-byte trailer`,
      }
      return { ...end, footer, damage }
    }
    if (decodeTrailer(this.#window.bytes(at, TRAILER_BYTES)) !== frame.offset) {
      return { ...end, footer, damage: { kind: 'damaged', at, reason: 'the trailer does not point at the footer' } }
    }
    if (rest > TRAILER_BYTES) {
      const reason = `${rest - TRAILER_BYTES} bytes follow the trailer`
      return { ...end, footer, damage: { kind: 'damaged', at: at + TRAILER_BYTES, reason } }
    }
    return { ...end, footer }
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

/** Events and decisions are numbered without gaps; a gap is a frame that is missing. */
function sequenceFault(frame: Frame, end: LogEnd): string | undefined {
  if (frame.name !== 'EVENTS' && frame.name !== 'DECISIONS') return undefined
  const expected = (frame.name === 'EVENTS' ? end.events : end.decisions) + 1n
  if (frame.first_seq === expected) return undefined
  return `${frame.name} frame begins with record ${frame.first_seq} where ${expected} is due`
}

/** What a payload says that its CRC cannot know: entries that overlap, pages that lie outside. */
function contentFault(name: FrameName, header: FrameHeader, payload: Uint8Array): string | undefined {
  try {
    if (name === 'NAMES') decodeNames(payload, header.count)
    if (name === 'SNAPSHOT') checkSnapshot(payload, header.count)
    if (name === 'FOOTER') decodeFooter(payload)
    if (name === 'STATS') JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(payload))
    return undefined
  } catch (error) {
    return `${name} frame: ${error instanceof Error ? error.message : String(error)}`
  }
}

function footerFault(footer: Footer, end: LogEnd): string | undefined {
  if (footer.events !== end.events || footer.decisions !== end.decisions) {
    const said = `${footer.events} events and ${footer.decisions} decisions`
    return `the footer counts ${said}, the frames hold ${end.events} and ${end.decisions}`
  }
  const differs = footer.index.findIndex((entry, i) => {
    const seen = end.index[i]
    return seen === undefined || seen.offset !== entry.offset || seen.type !== entry.type || seen.count !== entry.count
  })
  if (differs >= 0) return `entry ${differs + 1} of the footer index is not where frame ${differs + 1} lies`
  if (footer.index.length !== end.index.length) {
    return `the footer lists ${footer.index.length} frames, the file holds ${end.index.length}`
  }
  return undefined
}
