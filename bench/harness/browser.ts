/** Debian's Chromium, headless and apart from any other, and a server for the debugger's page and recordings. */
import { createReadStream, mkdtempSync, rmSync, statSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { extname, join } from 'node:path'
import { chromium, type BrowserContext } from 'playwright-core'
import { path } from '../../tools/build/steps.ts'

const executablePath = '/usr/bin/chromium'
const args = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

export interface Browser {
  context: BrowserContext
  close(): Promise<void>
}

/** Starts a browser with a profile of its own, which goes with it. */
export async function startBrowser(width = 1440, height = 900): Promise<Browser> {
  const profile = mkdtempSync(join(tmpdir(), 'flexnpu-chromium-'))
  const context = await chromium.launchPersistentContext(profile, {
    executablePath,
    headless: true,
    args,
    viewport: { width, height },
    acceptDownloads: true,
  })
  return {
    context,
    close: async () => {
      await context.close()
      rmSync(profile, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

const types: Record<string, string> = { '.html': 'text/html; charset=utf-8', '.wasm': 'application/wasm' }

export interface Site {
  /** http://127.0.0.1:PORT/ */
  url: string
  server: Server
  close(): Promise<void>
}

/** Serves the debugger as the build made it, and files of `folder` below /logs/. */
export async function serveDebugger(folder: string): Promise<Site> {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost')
    const name = decodeURIComponent(pathname).replaceAll('..', '')
    const file = name.startsWith('/logs/')
      ? join(folder, name.slice('/logs/'.length))
      : path('build', 'host-browser', name === '/' ? 'index.html' : name)
    const stat = statSync(file, { throwIfNoEntry: false })
    if (stat === undefined || !stat.isFile()) {
      response.writeHead(404).end()
      return
    }
    const type = types[extname(file)] ?? 'application/octet-stream'
    response.writeHead(200, { 'content-type': type, 'content-length': stat.size })
    createReadStream(file, { highWaterMark: 1 << 20 }).pipe(response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/`,
    server,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
