/**
 * The rules that the frames of a recording keep among themselves, and what is known at its end: for whoever reads one,
 * from a file (reader.ts) or as it comes (frame-stream.ts).
 */
import { FRAME_HEADER_BYTES, FrameType, TRAILER_BYTES } from '../../spec/log.ts'
import type { Damage } from './errors.ts'
import { decodeFooter, decodeTrailer, type Footer, type FrameIndexEntry } from './footer.ts'
import { decodeFrameHeader, frameName, payloadFault, type FrameHeader, type FrameName } from './frame.ts'
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
  /** Numbers of the last good event and decision. */
  events: bigint
  decisions: bigint
  /** Present where it begins with a SNAPSHOT, as a daemon streams it: after how many events. */
  begins_after?: bigint
  /** Good frames, in file order, the footer excepted: the footer index, built anew. */
  index: FrameIndexEntry[]
  /** Present where the recording was closed properly. */
  footer?: Footer
  /** Present where it was not, or is not as it was written. */
  damage?: Damage
}

/** Notes a good frame in what is known at the end. */
export function noteFrame(frame: Frame, end: LogEnd): void {
  end.index.push({
    offset: frame.offset,
    type: FrameType[frame.name],
    count: frame.count,
    first_seq: frame.first_seq,
  })
  if (frame.name === 'EVENTS') end.events += BigInt(frame.count)
  if (frame.name === 'DECISIONS') end.decisions = frame.first_seq - 1n + BigInt(frame.count)
  if (frame.name === 'SNAPSHOT' && end.index.length === 1 && frame.first_seq > 1n) {
    end.events = frame.first_seq - 1n
    end.begins_after = end.events
  }
}

/** Where bytes of a recording are had from: fewer than asked for where it ends before; valid until the next call. */
export interface ByteWindow {
  bytes(at: number, length: number): Uint8Array
}

/** The frame that begins at a byte offset, or what is wrong there. */
export function readFrame(window: ByteWindow, at: number): Frame | Damage {
  const torn = (reason: string): Damage => ({ kind: 'torn', at, reason })
  const damaged = (reason: string): Damage => ({ kind: 'damaged', at, reason })
  const head = window.bytes(at, FRAME_HEADER_BYTES)
  if (head.length === 0) return torn('the file ends without a footer, its writer did not close it')
  if (head.length < FRAME_HEADER_BYTES) return torn(`the file ends ${head.length} bytes into a frame header`)
  const header = decodeFrameHeader(head)
  if (typeof header === 'string') return damaged(header)
  const name = frameName(header.type) as FrameName
  const payload = window.bytes(at + FRAME_HEADER_BYTES, header.payload_bytes)
  if (payload.length < header.payload_bytes) {
    return torn(`the file ends ${payload.length} bytes into the ${header.payload_bytes} of a ${name} frame`)
  }
  const fault = payloadFault(header, payload) ?? contentFault(name, header, payload)
  if (fault !== undefined) return damaged(fault)
  return { name, offset: at, count: header.count, first_seq: header.first_seq, payload }
}

/** Compares the footer with what was read, and looks for the trailer behind it. */
export function finishLog(window: ByteWindow, size: number, frame: Frame, end: LogEnd): LogEnd {
  const footer = decodeFooter(frame.payload)
  const wrong = footerFault(footer, end)
  if (wrong !== undefined) return { ...end, damage: { kind: 'damaged', at: frame.offset, reason: wrong } }
  const at = frame.offset + FRAME_HEADER_BYTES + frame.payload.length
  const rest = size - at
  if (rest < TRAILER_BYTES) {
    const damage: Damage = {
      kind: 'torn',
      at,
      reason: `the file ends ${rest} bytes into the ${TRAILER_BYTES}-byte trailer`,
    }
    return { ...end, footer, damage }
  }
  if (decodeTrailer(window.bytes(at, TRAILER_BYTES)) !== frame.offset) {
    return { ...end, footer, damage: { kind: 'damaged', at, reason: 'the trailer does not point at the footer' } }
  }
  if (rest > TRAILER_BYTES) {
    const reason = `${rest - TRAILER_BYTES} bytes follow the trailer`
    return { ...end, footer, damage: { kind: 'damaged', at: at + TRAILER_BYTES, reason } }
  }
  return { ...end, footer }
}

/** Events and decisions are numbered without gaps; a gap is a frame that is missing. */
export function sequenceFault(frame: Frame, end: LogEnd): string | undefined {
  if (frame.name !== 'EVENTS' && frame.name !== 'DECISIONS') return undefined
  /* Behind a SNAPSHOT that it begins with, decisions are numbered from wherever the writer was. */
  if (frame.name === 'DECISIONS' && end.begins_after !== undefined && end.decisions === 0n) return undefined
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
