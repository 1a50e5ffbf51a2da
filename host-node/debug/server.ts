/**
 * Serves the debugger's page on this machine, with one recording or the events of one daemon: nothing else is read, and
 * nobody but the user who started it is answered (peers.ts).
 */
import { createHash } from 'node:crypto'
import { createReadStream, statSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { basename } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { Duplex } from 'node:stream'
import { WebSocketServer } from 'ws'
import { codeOf } from '../cli/elf.ts'
import { UserError } from '../cli/errors.ts'
import { attach } from './attach.ts'
import { mediaType, type Page } from './page.ts'
import { isOurName, isOwnOrigin, isStranger } from './peers.ts'

export interface DebugServerOptions {
  page: Page
  host: string
  /** 0 takes a free one. */
  port: number
  /** The recording to show. */
  file?: string
  /** The control socket of the daemon to look at. */
  socket?: string
}

export interface DebugServer {
  /** Where the page is, with what it shows. */
  url: string
  close(): Promise<void>
}

/** Nothing elsewhere can load what is here. */
const headers = {
  'cache-control': 'no-store',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
}

/** Stands for the WebSocket's origin, which older browsers do not take for the page's own. */
const CONNECT = 'ws://HOST'

/** The page loads nothing from elsewhere, and runs no script but its own: those in it are named by their hashes. */
function policyOf(html: string): string {
  const hashes = [...html.matchAll(/<script(?:\s[^>]*)?>([^]*?)<\/script>/g)].map(
    ([, code]) => `'sha256-${createHash('sha256').update(code!).digest('base64')}'`,
  )
  return [
    "default-src 'self'",
    `script-src 'self' 'wasm-unsafe-eval' blob: ${hashes.join(' ')}`,
    "worker-src 'self' blob:",
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    `connect-src 'self' data: blob: ${CONNECT}`,
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; ')
}

/** A page sends nothing. */
const MOST_RECEIVED_BYTES = 1024

class Site {
  readonly #options: DebugServerOptions
  /** Path of the recording, and its address. */
  readonly #log: { path: string; name: string } | undefined
  readonly #sockets = new WebSocketServer({ noServer: true, maxPayload: MOST_RECEIVED_BYTES })
  readonly server: Server
  readonly #policy: string

  constructor(options: DebugServerOptions) {
    this.#options = options
    this.#policy = policyOf(options.page.text('index.html'))
    const { file, page } = options
    if (file !== undefined) {
      const name = basename(file)
      this.#log = { path: file, name: page.files.has(name) ? `log/${name}` : name }
    }
    this.server = createServer((request, response) => void this.#answer(request, response))
    this.server.on('connection', (socket) => {
      if (isStranger(socket)) socket.destroy()
    })
    this.server.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head))
  }

  /** What the page is to open. */
  get search(): string {
    if (this.#options.socket !== undefined) return '?attach=1'
    return this.#log === undefined ? '' : `?log=${encodeURIComponent(this.#log.name)}`
  }

  async close(): Promise<void> {
    for (const client of this.#sockets.clients) client.terminate()
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()))
    this.server.closeAllConnections()
    await closed
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const say = (status: number, text: string): void => {
      response.writeHead(status, { ...headers, 'content-type': 'text/plain; charset=utf-8' })
      response.end(request.method === 'HEAD' ? '' : `${text}\n`)
    }
    if (!isOurName(request.headers.host, this.#options.host)) return say(421, 'This server has another name.')
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.setHeader('allow', 'GET, HEAD')
      return say(405, 'Only GET and HEAD.')
    }
    const [path = '/', search] = (request.url ?? '/').split('?')
    if (path === '/' && search === undefined && this.search !== '') {
      response.writeHead(302, { ...headers, location: `/${this.search}` }).end()
      return
    }
    const found = this.#find(path)
    if (found === undefined) return say(404, 'There is no such file here.')
    await this.#send(found, request, response, say)
  }

  /** The file of an address: one of the page's, or the recording; no address becomes a path. */
  #find(path: string): { path: string; type: string } | undefined {
    let name: string
    try {
      name = decodeURIComponent(path.slice(1))
    } catch {
      return undefined
    }
    if (this.#log?.name === name) return { path: this.#log.path, type: 'application/octet-stream' }
    const file = this.#options.page.files.get(name === '' ? 'index.html' : name)
    return file === undefined ? undefined : { path: file, type: mediaType(file) }
  }

  async #send(
    { path, type }: { path: string; type: string },
    { method, headers: { host } }: IncomingMessage,
    response: ServerResponse,
    say: (status: number, text: string) => void,
  ): Promise<void> {
    let size: number
    try {
      size = statSync(path).size
    } catch (error) {
      return say(500, `${basename(path)}: ${codeOf(error)}`)
    }
    const policy = { 'content-security-policy': this.#policy.replace(CONNECT, `ws://${host}`) }
    response.writeHead(200, { ...headers, ...policy, 'content-type': type, 'content-length': size })
    if (method === 'HEAD' || size === 0) {
      response.end()
      return
    }
    try {
      /* A recording may grow while it is read: what was announced is sent. */
      await pipeline(createReadStream(path, { end: size - 1 }), response)
    } catch {
      response.destroy()
    }
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const refuse = (status: string): void => {
      socket.on('error', () => {})
      socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
    }
    const { host, socket: daemon } = this.#options
    if (!isOurName(request.headers.host, host)) return refuse('421 Misdirected Request')
    if (!isOwnOrigin(request)) return refuse('403 Forbidden')
    if (daemon === undefined || request.url?.split('?')[0] !== '/attach') return refuse('404 Not Found')
    this.#sockets.handleUpgrade(request, socket, head, (client) => attach(daemon, client))
  }
}

/** Begins to serve. Throws UserError where the address cannot be had. */
export async function serveDebugger(options: DebugServerOptions): Promise<DebugServer> {
  const { host, port } = options
  const site = new Site(options)
  await new Promise<void>((resolve, reject) => {
    site.server.once('error', (error) =>
      reject(new UserError(`${host}:${port}: cannot listen there (${codeOf(error) ?? error.message})`)),
    )
    site.server.listen(port, host, resolve)
  })
  const { address, family, port: taken } = site.server.address() as AddressInfo
  const name = family === 'IPv6' ? `[${address}]` : address
  return { url: `http://${name}:${taken}/${site.search}`, close: () => site.close() }
}
