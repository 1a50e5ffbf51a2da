/**
 * A daemon's events for one page, over a WebSocket: consecutive bytes of a recording. Where the daemon records, from its
 * beginning, out of the file, as it grows; otherwise from now on, as the daemon streams it (docs/control.md). A page
 * that does not keep up is closed with a reason: nothing here grows without bound, and the daemon never waits.
 */
import { closeSync, openSync, readSync } from 'node:fs'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { WebSocket } from 'ws'
import { TRAILER_MAGIC } from '../../spec/log.ts'

/** Codes of RFC 6455 that a page is closed with. */
const CLOSED = { NORMAL: 1000, FAILED: 1011, SLOW: 1013 } as const
/** Bytes that may wait for a page. */
const WAITING_BYTES = 64 * 1024 * 1024
/** Of a file, pieces of this size, and so many bytes under way at a time. */
const PIECE_BYTES = 256 * 1024
const UNDER_WAY_BYTES = 4 * 1024 * 1024
/** Between two looks whether the file has grown, or the page has read on. */
const LOOK_MS = 50
/** A daemon that has closed its connections completes its recording within this time. */
const LAST_MS = 2000
/** The daemon's answer, far above what it takes. */
const MOST_ANSWER_BYTES = 64 * 1024

interface Answer {
  error?: string
  file?: string
}

/** What goes to the page: ends it with a reason that fits a close frame. */
function end(page: WebSocket, code: number, why: string): void {
  page.close(code, Buffer.from(why).subarray(0, 120).toString())
}

/** Begins to send; goes on until the page, or the daemon, goes. */
export function attach(daemon: string, page: WebSocket): void {
  const socket = connect(daemon)
  let head: Buffer | undefined = Buffer.alloc(0)
  let ended = false
  page.on('error', () => page.terminate())
  page.on('close', () => socket.destroy())
  socket.on('error', (error) => end(page, CLOSED.FAILED, `the daemon cannot be reached: ${error.message}`))
  socket.on('close', () => {
    ended = true
    if (!tails) end(page, CLOSED.NORMAL, 'the daemon has ended, or does not stream any more')
  })
  let tails = false
  const bytes = (chunk: Uint8Array): void => {
    page.send(chunk)
    if (page.bufferedAmount <= WAITING_BYTES) return
    socket.destroy()
    end(page, CLOSED.SLOW, 'the page did not keep up with the daemon')
  }
  socket.on('data', (chunk: Buffer) => {
    if (head === undefined) return bytes(chunk)
    head = Buffer.concat([head, chunk])
    const newline = head.indexOf(0x0a)
    if (newline < 0) {
      if (head.length > MOST_ANSWER_BYTES) socket.destroy(new Error('it answers in no language of ours'))
      return
    }
    const rest = head.subarray(newline + 1)
    const answer = parse(head.subarray(0, newline).toString())
    head = undefined
    if (answer.error !== undefined) {
      end(page, CLOSED.FAILED, answer.error)
      socket.destroy()
    } else if (answer.file !== undefined) {
      tails = true
      tail(answer.file, page, () => ended).then(
        () => end(page, CLOSED.NORMAL, 'the daemon has ended'),
        (error: Error) => end(page, CLOSED.FAILED, error.message),
      )
    } else if (rest.length > 0) bytes(rest)
  })
  socket.write('{"admin":"record"}\n')
}

function parse(line: string): Answer {
  try {
    return JSON.parse(line) as Answer
  } catch {
    return { error: 'the daemon answers in no language of ours' }
  }
}

/**
 * Sends a file that grows, until the page goes, or the daemon has ended and all of it is sent: it completes its recording
 * after it has closed its connections, unless it was killed.
 */
async function tail(file: string, page: WebSocket, hasEnded: () => boolean): Promise<void> {
  const fd = openSync(file, 'r')
  try {
    let at = 0
    let trailer = Buffer.alloc(0)
    let idle = 0
    while (page.readyState === page.OPEN) {
      if (page.bufferedAmount > UNDER_WAY_BYTES) {
        await sleep(LOOK_MS)
        continue
      }
      const last = hasEnded()
      const piece = Buffer.allocUnsafe(PIECE_BYTES)
      const read = readSync(fd, piece, 0, PIECE_BYTES, at)
      at += read
      if (read > 0) {
        idle = 0
        page.send(piece.subarray(0, read))
        trailer = Buffer.concat([trailer, piece.subarray(0, read)]).subarray(-TRAILER_MAGIC.length)
        continue
      }
      idle += LOOK_MS
      if (last && (trailer.toString('latin1') === TRAILER_MAGIC || idle > LAST_MS)) return
      await sleep(LOOK_MS)
    }
  } finally {
    closeSync(fd)
  }
}
