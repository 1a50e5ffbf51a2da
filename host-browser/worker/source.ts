/** The bytes of a recording, from wherever it is; what is gzipped comes out unpacked. */
import type { Source } from './protocol.ts'

export interface Opened {
  name: string
  /** Bytes to come, where known before. */
  size: number | undefined
  /** Of a stream that is unpacked, bytes of the packed file count as progress. */
  chunks: AsyncIterable<Uint8Array>
  /** Why a connection ended, where it said so. */
  ended?: { reason: string }
}

const GZIP = [0x1f, 0x8b]

/** Opens a source. Throws Error that names it where it cannot be had. */
export async function open(source: Source): Promise<Opened> {
  if (source.kind === 'attach') {
    const ended = { reason: '' }
    return { name: source.url, size: undefined, chunks: socket(source.url, ended), ended }
  }
  if (source.kind === 'bytes') {
    const stream = new Blob([source.bytes]).stream()
    return { name: source.name, size: source.bytes.length, chunks: unpacked(stream) }
  }
  if (source.kind === 'file') {
    return { name: source.file.name, size: source.file.size, chunks: unpacked(source.file.stream()) }
  }
  let response: Response
  try {
    response = await fetch(source.url)
  } catch (error) {
    throw new Error(`${source.name}: cannot be fetched: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    })
  }
  if (!response.ok || response.body === null) {
    throw new Error(`${source.name}: the server answers ${response.status} ${response.statusText}`)
  }
  const length = Number(response.headers.get('content-length') ?? Number.NaN)
  return { name: source.name, size: Number.isNaN(length) ? undefined : length, chunks: unpacked(response.body) }
}

/** Looks at the first bytes, and unpacks where they say gzip. */
async function* unpacked(stream: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<Uint8Array> {
  const reader = stream.getReader()
  const head: Uint8Array<ArrayBuffer>[] = []
  while (head.reduce((sum, part) => sum + part.length, 0) < GZIP.length) {
    const { value, done } = await reader.read()
    if (done) break
    head.push(value)
  }
  const first = head.flatMap((part) => [...part.subarray(0, GZIP.length)])
  if (!GZIP.every((byte, i) => first[i] === byte)) {
    yield* head
    yield* chunksOf(reader)
    return
  }
  const whole = new ReadableStream<Uint8Array<ArrayBuffer>>({
    async pull(controller) {
      const begun = head.shift()
      const { value, done } = begun === undefined ? await reader.read() : { value: begun, done: false }
      if (done || value === undefined) controller.close()
      else controller.enqueue(value)
    },
  })
  yield* chunksOf(whole.pipeThrough(new DecompressionStream('gzip')).getReader())
}

/** What comes before a broken end of a packed file, or of a connection, is used like that of a torn recording. */
async function* chunksOf(reader: ReadableStreamDefaultReader<Uint8Array>): AsyncGenerator<Uint8Array> {
  for (;;) {
    let next: ReadableStreamReadResult<Uint8Array>
    try {
      next = await reader.read()
    } catch {
      return
    }
    if (next.done) return
    yield next.value
  }
}

/** The messages of a WebSocket, until it is closed. */
function socket(url: string, ended: { reason: string }): AsyncIterable<Uint8Array> {
  const stream = new ReadableStream<Uint8Array>({
    start(controller) {
      const ws = new WebSocket(url)
      ws.binaryType = 'arraybuffer'
      ws.addEventListener('message', ({ data }) => {
        if (data instanceof ArrayBuffer) controller.enqueue(new Uint8Array(data))
      })
      ws.addEventListener('close', ({ code, reason }) => {
        ended.reason = reason !== '' ? reason : code === 1000 ? '' : 'the connection broke'
        controller.close()
      })
    },
  })
  return chunksOf(stream.getReader())
}
