/** A stand-in for the debugger's page, served, and requests whose every byte a test chooses. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import { afterEach } from 'vitest'
import { WebSocket } from 'ws'
import { Page } from '../../host-node/debug/page.ts'
import { serveDebugger, type DebugServer, type DebugServerOptions } from '../../host-node/debug/server.ts'
import { path } from '../../tools/build/steps.ts'
import { temporaryFolder } from '../host-node/recordings.ts'

const open = new Set<DebugServer>()

afterEach(async () => {
  for (const server of open) await server.close()
  open.clear()
})

/** As the build makes it: one file, script and style in it, the core beside it, and something more. */
export function standIn(): Page {
  const folder = temporaryFolder()
  const script = 'document.title = "<body> & $& \\u2026"'
  writeFileSync(
    join(folder, 'index.html'),
    `<!doctype html><html><body class="x"><div id="app"></div><script>${script}</script></body></html>`,
  )
  mkdirSync(join(folder, 'assets'))
  writeFileSync(join(folder, 'assets', 'font.woff2'), 'font')
  return new Page(folder, path('build', 'core.wasm'))
}

export interface Served {
  server: DebugServer
  /** Host and port. */
  host: string
  port: number
}

export async function serve(options: Partial<DebugServerOptions> = {}): Promise<Served> {
  const server = await serveDebugger({ page: standIn(), host: '127.0.0.1', port: 0, ...options })
  open.add(server)
  const { host, port } = new URL(server.url)
  return { server, host, port: Number(port) }
}

export interface Got {
  status: number
  headers: Record<string, string | string[] | undefined>
  body: Buffer
}

/** One request; `address` goes out as it is written. */
export function get(port: number, address: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Got> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, path: address, method, headers, agent: false }, (response) => {
      const parts: Buffer[] = []
      response.on('data', (part: Buffer) => parts.push(part))
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(parts) }),
      )
    })
    sent.on('error', reject)
    sent.end()
  })
}

/** A page's WebSocket: what came, and how it ended. */
export class Socket {
  readonly parts: Buffer[] = []
  readonly ended: Promise<{ code: number; reason: string } | { status: number }>
  readonly ws: WebSocket

  constructor(host: string, headers: Record<string, string> = { origin: `http://${host}` }, at = '/attach') {
    this.ws = new WebSocket(`ws://${host}${at}`, { headers })
    this.ws.on('message', (data: Buffer) => this.parts.push(data))
    this.ended = new Promise((resolve) => {
      this.ws.on('unexpected-response', (_request, response) => resolve({ status: response.statusCode ?? 0 }))
      this.ws.on('close', (code, reason) => resolve({ code, reason: reason.toString() }))
      this.ws.on('error', () => {})
    })
  }
}
