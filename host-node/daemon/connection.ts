/**
 * One connection to the control socket: a client's for its life, or an administrator's. Requests are answered in order,
 * one line each. What breaks the protocol closes this connection with a reason in the log, and nothing else; the client
 * behind it, if there is one, is given back to the core exactly once.
 */
import type { Socket } from 'node:net'
import type { Logger } from 'pino'
import { errorCodes } from '../../spec/constants.ts'
import { encodeFrame } from '../log/frame.ts'
import { Refusal, type RecordAnswer } from './daemon-core.ts'
import type { Peer } from './executor.ts'
import { BadLine, Lines } from './lines.ts'
import { bigValue, parseMessage, type AdminRequest, type Hello, type Message } from './messages.ts'
import type { Tenant } from '../tenants/tenants.ts'

/** Answers that a peer may leave unread. */
const UNREAD_BYTES = 1024 * 1024
/** Bytes of a recording that a debugger may leave unread: some seconds of a busy device, and the state that it begins with. */
const UNREAD_RECORD_BYTES = 64 * 1024 * 1024
/** One that was dropped has so long to read what is on its way. */
const DROP_MS = 10_000
/** Rings and pins of one client: far above what programs have, far below what the daemon has. */
const MOST_RINGS = 256
const MOST_PINS = 65_536

const acl = (name: string): number => errorCodes[name] as number

export interface Answers {
  hello(peer: Peer, hello: Hello): { client: number; tenant: Tenant; welcome: object }
  ring(client: number, path: string, thread: number): number
  pin(client: number, path: string, address: bigint, bytes: bigint): void
  unpin(client: number, address: bigint): void
  leave(client: number, ring: number): void
  /** The answer's fields; `watch` and `record` are the connection's own. */
  admin(request: Exclude<AdminRequest, { admin: 'watch' | 'record' }>): object
  record(from: 'start' | 'now' | undefined): RecordAnswer
  status(): object
  mayAdminister(peer: Peer): boolean
  gone(connection: Connection): void
  count(what: 'refused' | 'requests' | 'broken' | 'dropped'): void
}

export class Connection {
  /** Number and tenant of the client, after its hello. */
  client: number | undefined
  tenant: Tenant | undefined
  readonly peer: Peer
  readonly #socket: Socket
  readonly #answers: Answers
  readonly #log: Logger
  readonly #lines = new Lines()
  #watch: NodeJS.Timeout | undefined
  /** Ends the recording that goes to it. */
  #record: (() => void) | undefined
  #closed = false
  #rings = 0
  #pins = 0

  constructor(socket: Socket, peer: Peer, answers: Answers, log: Logger) {
    this.#socket = socket
    this.peer = peer
    this.#answers = answers
    this.#log = log
    socket.on('data', (chunk: Buffer) => this.#take(chunk))
    socket.on('error', (error) => this.#log.debug({ ...peer, error: error.message }, 'connection failed'))
    socket.on('close', () => this.#end())
  }

  /** Ends the connection; the reason is logged. */
  close(why: string): void {
    if (this.#closed) return
    this.#log.warn({ ...this.peer, client: this.client, why }, 'connection closed')
    this.#end()
    this.#socket.destroy()
  }

  /** Ends it after what was answered is on its way. */
  finish(): void {
    this.#end()
    this.#socket.end()
  }

  #end(): void {
    if (this.#closed) return
    this.#closed = true
    clearInterval(this.#watch)
    this.#record?.()
    this.#record = undefined
    this.#answers.gone(this)
  }

  #take(chunk: Buffer): void {
    if (this.#closed) return
    try {
      for (const line of this.#lines.take(chunk)) {
        if (this.#record !== undefined) throw new BadLine('a request on a connection that a recording goes to')
        this.#answers.count('requests')
        this.#message(parseMessage(line))
        if (this.#closed) return
      }
    } catch (error) {
      if (!(error instanceof BadLine)) throw error
      this.#answers.count('broken')
      this.close(error.message)
    }
  }

  #answer(body: object): void {
    if (this.#closed) return
    this.#socket.write(`${JSON.stringify(body)}\n`)
    if (this.#socket.writableLength > UNREAD_BYTES) this.close('does not read its answers')
  }

  #message(message: Message): void {
    if (message.kind === 'admin') this.#admin(message.body)
    else if (message.kind === 'hello') this.#hello(message.body)
    else this.#request(message)
  }

  #hello(hello: Hello): void {
    if (this.client !== undefined) throw new BadLine('a second hello')
    const given = this.#granted(() => this.#answers.hello(this.peer, hello))
    if (given === undefined) {
      this.finish()
      return
    }
    this.client = given.client
    this.tenant = given.tenant
    this.#answer({ welcome: given.client, ...given.welcome })
  }

  #request(message: Exclude<Message, { kind: 'admin' | 'hello' }>): void {
    const { client } = this
    if (client === undefined) throw new BadLine(`${message.kind} before hello`)
    const answer = this.#granted(() => {
      if (message.kind === 'ring') {
        const { ring, thread } = message.body
        this.#ownFile(ring)
        if (this.#rings >= MOST_RINGS) throw new Refusal(acl('ACL_ERROR_RT_RESOURCE_ALLOC_FAIL'), `${MOST_RINGS} rings`)
        const number = this.#answers.ring(client, ring, Number(thread))
        this.#rings++
        return { ring: number }
      }
      if (message.kind === 'pin') {
        const { pin, address, bytes } = message.body
        this.#ownFile(pin)
        const [from, length] = [bigValue(address), bigValue(bytes)]
        if (length === 0n || from + length > 1n << 64n) {
          throw new Refusal(acl('ACL_ERROR_RT_PARAM_INVALID'), 'a range that is empty or beyond the address space')
        }
        if (this.#pins >= MOST_PINS) throw new Refusal(acl('ACL_ERROR_RT_RESOURCE_ALLOC_FAIL'), `${MOST_PINS} pins`)
        this.#answers.pin(client, pin, from, length)
        return { pin: this.#pins++ }
      }
      if (message.kind === 'leave') {
        this.#answers.leave(client, message.body.leave)
        this.#rings--
        return { leave: message.body.leave }
      }
      this.#answers.unpin(client, bigValue(message.body.unpin))
      return { unpin: message.body.unpin }
    })
    if (answer !== undefined) this.#answer(answer)
  }

  /** The name of a client's file says whose it is; another's is never opened for it. */
  #ownFile(path: string): void {
    if (Number(path.split('.')[1]) !== this.peer.uid) {
      throw new Refusal(acl('ACL_ERROR_RT_NO_PERMISSION'), `${path} is not a file of user ${this.peer.uid}`)
    }
  }

  /** Does what may be refused, and answers a refusal. A defect of ours is logged and refused, never let out. */
  #granted<T>(act: () => T): T | undefined {
    try {
      return act()
    } catch (error) {
      const known = error instanceof Refusal
      const why = error instanceof Error ? error.message : String(error)
      if (known) this.#log.warn({ ...this.peer, client: this.client, why }, 'refused')
      else this.#log.error({ ...this.peer, client: this.client, err: error }, 'refused by a fault')
      this.#answers.count('refused')
      this.#answer({ refused: known ? error.acl : acl('ACL_ERROR_INTERNAL_ERROR'), why })
      return undefined
    }
  }

  #admin(request: AdminRequest): void {
    if (!this.#answers.mayAdminister(this.peer)) {
      this.#answers.count('refused')
      this.#log.warn({ ...this.peer, request: request.admin }, 'not an administrator')
      this.#answer({ error: `user ${this.peer.uid} may not administer this daemon` })
      return
    }
    if (request.admin === 'watch') {
      this.#answer({ status: this.#answers.status() })
      clearInterval(this.#watch)
      this.#watch = setInterval(() => {
        // A watcher that does not read misses lines; it gets no older ones later.
        if (this.#socket.writableLength === 0) this.#answer({ status: this.#answers.status() })
      }, request.interval_ms ?? 500)
      return
    }
    try {
      if (request.admin === 'record') this.#begin(this.#answers.record(request.from))
      else this.#answer(this.#answers.admin(request))
    } catch (error) {
      this.#log.warn({ ...this.peer, request: request.admin, err: error }, 'request failed')
      this.#answer({ error: error instanceof Error ? error.message : String(error) })
    }
  }

  #begin({ answer, begin }: RecordAnswer): void {
    this.#answer(answer)
    if (begin === undefined || this.#closed) return
    const end = begin((bytes) => this.#send(bytes))
    if (this.#closed) return end()
    this.#record = end
    this.#log.info({ ...this.peer }, 'a debugger looks on')
  }

  /** Sends bytes of a recording. Whoever does not keep up is dropped: the daemon neither waits nor keeps more for it. */
  #send(bytes: Uint8Array): void {
    if (this.#closed) return
    this.#socket.write(bytes)
    if (this.#socket.writableLength <= UNREAD_RECORD_BYTES) return
    const ended = 'the debugger did not keep up, the daemon dropped it'
    this.#log.warn({ ...this.peer }, ended)
    this.#answers.count('dropped')
    this.#socket.end(encodeFrame('STATS', 1, 0n, new TextEncoder().encode(JSON.stringify({ ended }))))
    setTimeout(() => this.#socket.destroy(), DROP_MS).unref()
    this.#end()
  }
}
