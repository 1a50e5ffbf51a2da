/** A control socket in a folder of its own, and raw connections to it that see every line. */
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { pino } from 'pino'
import { afterEach } from 'vitest'
import { Control, type ControlOptions } from '../../host-node/daemon/control.ts'
import { openToAll } from '../../host-node/tenants/tenants.ts'
import { temporaryFolder } from '../host-node/recordings.ts'
import { FakeCore } from './fake-core.ts'

const open = new Set<Control>()
const sockets = new Set<Socket>()

afterEach(async () => {
  for (const socket of sockets) socket.destroy()
  sockets.clear()
  for (const control of open) await control.close()
  open.clear()
})

export interface Logged {
  level: number
  msg: string
  why?: string
  client?: number
}

export interface TestControl {
  control: Control
  core: FakeCore
  socket: string
  log: Logged[]
  /** Credentials of whoever connects from now on. */
  peer: { pid: number; uid: number; gid: number }
}

export async function startControl(options: Partial<ControlOptions> = {}): Promise<TestControl> {
  const core = new FakeCore()
  const log: Logged[] = []
  const sink = new Writable({
    write(chunk, _encoding, done) {
      log.push(JSON.parse(String(chunk)) as Logged)
      done()
    },
  })
  const peer = { pid: 100, uid: 1000, gid: 1000 }
  const socket = join(temporaryFolder(), 'npu0.sock')
  const peers = (): typeof peer => ({ ...peer })
  const control = new Control({
    socket,
    core,
    tenants: openToAll(),
    peer: peers,
    log: pino({ level: 'debug' }, sink),
    uid: 1000,
    ...options,
  })
  await control.listen()
  open.add(control)
  return { control, core, socket, log, peer }
}

export class Raw {
  readonly socket: Socket
  readonly lines: string[] = []
  /** Resolves when the daemon, or we, closed it. */
  readonly closed: Promise<void>
  #text = ''
  #taken = 0
  #wake = (): void => {}

  constructor(path: string) {
    this.socket = connect(path)
    sockets.add(this.socket)
    this.socket.setEncoding('utf8').on('data', (text: string) => {
      const lines = (this.#text + text).split('\n')
      this.#text = lines.pop() ?? ''
      this.lines.push(...lines)
      this.#wake()
    })
    this.socket.on('error', () => {})
    this.closed = new Promise((resolve) => {
      this.socket.once('close', () => {
        this.#wake()
        resolve()
      })
    })
  }

  send(message: unknown): void {
    this.socket.write(typeof message === 'string' ? `${message}\n` : `${JSON.stringify(message)}\n`)
  }

  /** The next line that was not taken yet. */
  async next(): Promise<Record<string, unknown>> {
    while (this.lines.length <= this.#taken) {
      if (this.socket.destroyed) throw new Error('closed without another line')
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
    return JSON.parse(this.lines[this.#taken++] as string) as Record<string, unknown>
  }

  ask(message: unknown): Promise<Record<string, unknown>> {
    this.send(message)
    return this.next()
  }
}

export const hello = { hello: 1, pid: 100, role: 'decode' }

/** Waits for something that another process or the event loop brings about. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5))
}
