/** Recordings that are torn, flipped, foreign or newer: what is good is read, what is not is named with its place. */
import { mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import fc from 'fast-check'
import { beforeAll, beforeEach, expect, test } from 'vitest'
import { FRAME_HEADER_BYTES, LOG_HEADER_BYTES, LOG_VERSION, TRAILER_BYTES } from '../../spec/log.ts'
import { Core } from '../../host-node/core/core.ts'
import { LogError } from '../../host-node/log/errors.ts'
import { LogReader, type LogEnd } from '../../host-node/log/reader.ts'
import { eventBytes, record, smallRun, temporaryFolder, tinyCoreWasm } from './recordings.ts'

let wasm: Uint8Array<ArrayBuffer>
let file: string
let whole: Buffer
let offsets: number[]

beforeAll(async () => {
  wasm = await tinyCoreWasm()
})

beforeEach(() => {
  file = join(temporaryFolder(), 'run.flexlog')
  record(file, new Core(wasm), eventBytes(smallRun()))
  whole = readFileSync(file)
  offsets = read().end.index.map(({ offset }) => offset)
})

function read(): { end: LogEnd; frames: number } {
  const reader = new LogReader(file)
  try {
    const frames = [...reader.frames()].length
    return { end: reader.end, frames }
  } finally {
    reader.close()
  }
}

function openError(): LogError {
  try {
    new LogReader(file).close()
  } catch (error) {
    if (error instanceof LogError) return error
    throw error
  }
  throw new Error('the file was accepted')
}

test('torn at every byte of the last frames: the frames before are read, the place is named', () => {
  const footer = whole.readUInt32LE(whole.length - TRAILER_BYTES)
  const starts = [...offsets, footer]
  const first = starts[starts.length - 6] as number
  for (let size = whole.length - 1; size >= first; size--) {
    truncateSync(file, size)
    const { end, frames } = read()
    const trailerAt = whole.length - TRAILER_BYTES
    const begun = size >= trailerAt ? trailerAt : (starts.findLast((start) => start <= size) as number)
    expect(end.damage).toMatchObject({ kind: 'torn', at: begun })
    expect(frames).toBe(offsets.filter((_, i) => (starts[i + 1] as number) <= size).length)
    expect(end.footer === undefined).toBe(size < trailerAt)
  }
})

test('any flipped bit behind the header is found, and the damage is named at the frame that has it', () => {
  fc.assert(
    fc.property(fc.integer({ min: offsets[0] as number, max: whole.length - 1 }), fc.nat({ max: 7 }), (at, bit) => {
      const bytes = Buffer.from(whole)
      bytes[at] = (bytes[at] as number) ^ (1 << bit)
      writeFileSync(file, bytes)
      const { end } = read()
      const trailerAt = whole.length - TRAILER_BYTES
      const starts = [...offsets, whole.readUInt32LE(trailerAt), trailerAt]
      expect(end.damage?.at).toBe(starts.findLast((start) => start <= at))
      expect(end.damage?.reason).not.toBe('')
    }),
    { numRuns: 400 },
  )
})

test('any flipped bit of the header or its JSON is found', () => {
  fc.assert(
    fc.property(fc.nat({ max: (offsets[0] as number) - 1 }), fc.nat({ max: 7 }), (at, bit) => {
      const bytes = Buffer.from(whole)
      bytes[at] = (bytes[at] as number) ^ (1 << bit)
      writeFileSync(file, bytes)
      const error = openError()
      expect(error.code).toBe(at < 8 ? 'foreign' : 'header')
      expect(error.message).toContain(`${file}: byte `)
    }),
    { numRuns: 200 },
  )
})

test('each kind of file that is no recording has its own error', () => {
  writeFileSync(file, 'PNG or something else entirely, long enough to hold a header')
  expect(openError()).toMatchObject({
    code: 'foreign',
    at: 0,
    reason: expect.stringContaining('not a FlexNPU recording'),
  })

  writeFileSync(file, '')
  expect(openError()).toMatchObject({ code: 'foreign', at: 0, reason: expect.stringContaining('the file is empty') })

  writeFileSync(file, whole.subarray(0, LOG_HEADER_BYTES - 1))
  expect(openError()).toMatchObject({ code: 'header', at: LOG_HEADER_BYTES - 1 })

  writeFileSync(file, whole.subarray(0, LOG_HEADER_BYTES + 3))
  expect(openError()).toMatchObject({ code: 'header', at: LOG_HEADER_BYTES + 3 })

  mkdirSync(`${file}.d`)
  expect(() => new LogReader(`${file}.d`)).toThrow(`${file}.d: byte 0: not a regular file`)
  expect(() => new LogReader(`${file}.none`)).toThrow(`${file}.none: byte 0: no such file`)
})

test('a newer format is named with both versions', () => {
  const bytes = Buffer.from(whole)
  bytes.writeUInt32LE(LOG_VERSION + 1, 8)
  bytes.writeUInt32LE(crc32(bytes.subarray(0, 60)), 60)
  writeFileSync(file, bytes)
  expect(openError()).toMatchObject({
    code: 'newer',
    at: 8,
    reason: expect.stringContaining(`version ${LOG_VERSION + 1} is newer than ${LOG_VERSION}`),
  })
})

test('a frame that is missing in the middle is noticed', () => {
  const events = offsets.filter((at) => whole.readUInt32LE(at + 4) === 1)
  const [, second = 0] = events
  const next = second + FRAME_HEADER_BYTES + whole.readUInt32LE(second + 8)
  writeFileSync(file, Buffer.concat([whole.subarray(0, second), whole.subarray(next)]))
  const { damage } = read().end
  expect(damage?.kind).toBe('damaged')
  expect(damage?.reason).toMatch(/EVENTS frame begins with record 15 where 8 is due/)
})

test('bytes behind the trailer are named', () => {
  writeFileSync(file, Buffer.concat([whole, Buffer.from('xyz')]))
  expect(read().end.damage).toEqual({ kind: 'damaged', at: whole.length, reason: '3 bytes follow the trailer' })
})
