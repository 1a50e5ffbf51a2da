/**
 * Calls: what each class of function means for the order of work. Most are carried out when taken; what waits for
 * operators waits at a gate (waits.ts), and the loop goes on. What a call makes or ends is known to the core only once the
 * executor reports that it is so.
 */
import { ApiId, apiTable } from '../../build/gen/ts/api.ts'
import { EventKind } from '../../build/gen/ts/records.ts'
import { errorCodes } from '../../spec/constants.ts'
import { NameKind } from '../../spec/log.ts'
import { NONE } from '../../spec/records.ts'
import { NOTIFY, type Batch } from './batch.ts'
import type { Callbacks } from './callbacks.ts'
import type { Client } from './clients.ts'
import type { Decider } from './decider.ts'
import { Exceptions } from './exceptions.ts'
import { BadRing, Ring } from './ring.ts'
import { anyHeld, type StreamState, type Streams } from './streams.ts'
import { Waits } from './waits.ts'

/** Error codes that the daemon itself answers. */
const codes = errorCodes as Record<string, number> & {
  ACL_ERROR_RT_DEVICE_OOM: number
  ACL_ERROR_RT_RESOURCE_ALLOC_FAIL: number
  ACL_ERROR_RT_STREAM_ABORT: number
  ACL_ERROR_RT_DEVICE_TASK_ABORT: number
}
const { ACL_ERROR_RT_DEVICE_OOM: OUT_OF_MEMORY, ACL_ERROR_RT_RESOURCE_ALLOC_FAIL: TOO_MANY } = codes

/** Answers of queries about what is not handed over yet (spec/constants.ts). */
const STREAM_NOT_READY = 1
const RECORD_NOT_READY = 0
const EVENT_NOT_READY = 1

/** Priority of a stream that was made without one (shared/facts/acl.md: 0 is the greatest). */
const DEFAULT_PRIORITY = 0

type Outcome = (error: number, value: number, existed: boolean) => void

/** Longer names stay numbers in a recording. */
const KERNEL_NAME_BYTES = 512

/** FNV-1a, 64 bits: the key of a kernel in OP_SUBMIT (spec/records.ts). */
function fnv1a64(bytes: Uint8Array): bigint {
  let hash = 0xcbf29ce484222325n
  for (const byte of bytes) hash = ((hash ^ BigInt(byte)) * 0x100000001b3n) & 0xffffffffffffffffn
  return hash
}

const names = new Map(Object.entries(ApiId).map(([name, id]) => [id, name]))

/** What keeps the device's memory. */
export interface MemoryKeeper {
  /** The client is about to ask how much memory there is. */
  show(client: Client): void
  /** Whether so many bytes are left. */
  fits(bytes: bigint): boolean
  /** The device is done with the block that the client freed first. */
  freed(client: Client): void
}

export class Calls {
  readonly #outcomes = new Map<number, Outcome>()
  #request = 0
  /** Under way: the clients that wait for them issue nothing that would make the loop look. */
  aborts = 0
  readonly memory: MemoryKeeper

  readonly decider: Decider
  readonly batch: Batch
  readonly streams: Streams
  readonly callbacks: Callbacks
  readonly waits: Waits
  readonly exceptions: Exceptions

  constructor(decider: Decider, batch: Batch, streams: Streams, callbacks: Callbacks, memory: MemoryKeeper) {
    this.decider = decider
    this.batch = batch
    this.streams = streams
    this.callbacks = callbacks
    this.memory = memory
    this.waits = new Waits(decider, batch, streams)
    this.exceptions = new Exceptions(batch)
  }

  /** Takes a call of a client. */
  take(client: Client, ring: Ring, place: number, api: number): void {
    const entry = apiTable[api]
    if (entry === undefined) throw new BadRing(`a call of function ${api}`)
    const name = names.get(api) as string
    const number = ring.words[Ring.at(place & 0xffff) + 1] as number
    switch (name) {
      case 'aclrtCreateStream':
      case 'aclrtCreateStreamWithConfig':
      case 'aclrtCtxGetCurrentDefaultStream':
        return this.#makeStream(
          client,
          place,
          name.endsWith('Config') ? Number(ring.argument(place & 0xffff, 1)) : DEFAULT_PRIORITY,
        )
      case 'aclrtCreateEvent':
      case 'aclrtCreateEventWithFlag':
      case 'aclrtCreateEventExWithFlag':
      case 'aclrtCreateNotify':
      case 'aclrtCntNotifyCreate':
        return this.#makeEvent(client, place)
      case 'aclrtIpcOpenEventHandle':
      case 'aclrtNotifyImportByKey':
        return this.#makeEvent(client, place, true)
      case 'aclrtDestroyStream':
      case 'aclrtDestroyStreamForce':
        return this.#endStream(client, place, number, name.endsWith('Force'))
      case 'aclrtStreamAbort': {
        const s = this.streams.stream(number, client.number)
        return this.#abort(client, place, s === undefined ? [] : [s], codes.ACL_ERROR_RT_STREAM_ABORT)
      }
      case 'aclrtDeviceTaskAbort': {
        const own = Number(BigInt.asIntN(32, ring.argument(place & 0xffff, 0))) === 0
        const all = own ? this.streams.of(client.number) : [] // another device is the executor's error
        return this.#abort(client, place, all, codes.ACL_ERROR_RT_DEVICE_TASK_ABORT)
      }
      case 'aclrtDestroyEvent':
      case 'aclrtDestroyNotify':
      case 'aclrtCntNotifyDestroy':
        return this.#endEvent(client, place, this.#index(ring, place, 0))
      case 'aclrtMalloc':
      case 'aclrtMallocAlign32':
      case 'aclrtMallocPhysical':
        return this.#allocate(client, place, ring.argument(place & 0xffff, 1))
      case 'aclrtUnmapMem':
        return this.waits.whenComplete(client, () => this.#freed(client, place, false))
      case 'aclrtReleaseMemAddress':
      case 'aclrtIpcMemClose':
        return this.waits.whenComplete(client, () => this.batch.call(place, NONE, 0))
      case 'aclrtFree':
      case 'aclrtFreePhysical':
        return this.waits.behindAll(client, () => this.#freed(client, place, name === 'aclrtFree'))
      case 'aclrtBinaryGetFunction':
        this.#nameKernel(ring, place)
        return this.batch.call(place, NONE, 0)
      case 'aclrtGetMemInfo':
        this.memory.show(client)
        return this.batch.call(place, NONE, 0)
      case 'aclrtFreeHost':
        return this.waits.whenComplete(client, () => this.batch.answer(place, 0))
      case 'aclrtStreamQuery': {
        const s = this.streams.stream(number, client.number)
        if (s !== undefined && s.handed < s.submitted) return this.batch.answer(place, 0, [STREAM_NOT_READY, 0])
        return this.batch.call(place, NONE, 0)
      }
      case 'aclrtQueryEvent':
      case 'aclrtQueryEventStatus':
      case 'aclrtQueryEventWaitStatus': {
        const e = this.streams.event(this.#index(ring, place, 0), client.number)
        const held =
          e !== undefined && anyHeld(name === 'aclrtQueryEventWaitStatus' ? e.object.waits : e.object.records)
        const notReady = name === 'aclrtQueryEventStatus' ? RECORD_NOT_READY : EVENT_NOT_READY
        return held ? this.batch.answer(place, 0, [notReady, 0]) : this.batch.call(place, NONE, 0)
      }
      case 'aclrtSynchronizeEvent':
      case 'aclrtSynchronizeEventWithTimeout':
      case 'aclrtEventGetTimestamp':
        return this.waits.behindEvents(client, place, [this.#index(ring, place, 0)])
      case 'aclrtEventElapsedTime':
        return this.waits.behindEvents(client, place, [this.#index(ring, place, 1), this.#index(ring, place, 2)])
      case 'aclmdlRICaptureBegin': {
        const s = this.streams.stream(number, client.number)
        return this.waits.behind(s === undefined ? [] : [[s, s.submitted]], () => {
          if (s !== undefined && s.complete < s.handed) this.decider.mark(s) // afterwards there can be none
          this.batch.call(place, NONE, 0)
        })
      }
      case 'aclmdlRICaptureTaskUpdateBegin': {
        const s = this.streams.stream(number, client.number)
        return this.waits.complete(s === undefined ? [] : [s], () => this.batch.call(place, NONE, 0))
      }
      case 'aclmdlRICaptureTaskGrpBegin':
      case 'aclmdlRICaptureTaskGrpEnd':
      case 'aclmdlRICaptureTaskUpdateEnd':
      case 'aclmdlRICaptureEnd':
      case 'aclmdlRICaptureGetInfo': {
        const s = this.streams.stream(number, client.number)
        return this.waits.behind(s === undefined ? [] : [[s, s.submitted]], () => this.batch.call(place, NONE, 0))
      }
      case 'aclrtGetThreadLastTaskId':
      case 'aclrtNotifyBatchReset':
      case 'aclmdlRIExecute':
        return this.waits.behindAll(client, () => this.batch.call(place, NONE, 0))
      case 'aclrtSubscribeReport':
      case 'aclrtUnSubscribeReport': {
        const s = this.streams.stream(number, client.number)
        const [thread, host] = [ring.argument(place & 0xffff, 0), ring.argument(place & 0xffff, 1) !== 0n]
        if (name === 'aclrtSubscribeReport') return this.callbacks.subscribe(client, place, s, thread, host)
        return this.callbacks.unsubscribe(place, s, thread, host)
      }
      case 'aclrtProcessReport': {
        const timeoutMs = Number(BigInt.asIntN(32, ring.argument(place & 0xffff, 1)))
        return this.callbacks.next(client, place, ring.argument(place & 0xffff, 0), timeoutMs)
      }
      case 'aclrtExceptionInfoCallbackRegister':
        return this.exceptions.next(client, place)
      case 'aclrtSynchronizeDeviceWithTimeout': {
        const timeoutMs = Number(BigInt.asIntN(32, ring.argument(place & 0xffff, 0)))
        if (timeoutMs < -1 || timeoutMs === 0) return this.batch.call(place, NONE, 0)
        if (timeoutMs > 0) return this.waits.synchronizeAll(client, place, timeoutMs)
        break
      }
      case 'aclrtSynchronizeStreamWithTimeout': {
        const timeoutMs = Number(BigInt.asIntN(32, ring.argument(place & 0xffff, 1)))
        /* What is no time to wait, the real library says. */
        if (timeoutMs < -1 || timeoutMs === 0) break
        return this.waits.synchronize(client, place, number, timeoutMs)
      }
      default:
        break
    }
    if (entry.class === 'sync-stream' && name !== 'aclrtSynchronizeStreamWithTimeout')
      return this.waits.synchronize(client, place, number, -1)
    if (entry.class === 'async') return this.waits.cameOf(client, place, number)
    if (entry.class === 'sync-device')
      return this.waits.whenComplete(client, () => this.batch.wait(place, NONE, client.number))
    if (entry.class === 'destroy') return this.waits.behindAll(client, () => this.batch.call(place, NONE, 0))
    if (entry.drains) {
      const s = this.streams.stream(number, client.number)
      return this.waits.behind(s === undefined ? [] : [[s, s.submitted]], () => this.batch.call(place, NONE, 0))
    }
    this.batch.call(place, NONE, 0)
  }

  /** Core number in a handle's index; the executor checks the rest of the handle. */
  #index(ring: Ring, place: number, argument: number): number {
    return Number(ring.argument(place & 0xffff, argument) & 0xffffffn)
  }

  #notified(place: number, number: number, outcome: Outcome): void {
    this.#outcomes.set(place, outcome)
    this.batch.call(place, number, NOTIFY)
  }

  /** The executor says how a call ended. */
  called(place: number, error: number, value: number, existed: boolean): void {
    const outcome = this.#outcomes.get(place)
    this.#outcomes.delete(place)
    outcome?.(error, value, existed)
  }

  #makeStream(client: Client, place: number, priority: number): void {
    const number = this.streams.streamNumbers.take()
    if (number === undefined) return this.batch.answer(place, TOO_MANY)
    this.#notified(place, number, (error, _value, existed) => {
      if (error !== 0 || existed) this.streams.streamNumbers.give(number)
      else this.streams.add(number, client.number, client.vnpu, Math.min(priority, 7), this.decider)
    })
  }

  #makeEvent(client: Client, place: number, opens = false): void {
    const number = this.streams.eventNumbers.take()
    if (number === undefined) return this.batch.answer(place, TOO_MANY)
    this.#notified(place, number, (error, value) => {
      const made = error === 0 && this.streams.addEvent(number, client.number, opens ? value : undefined)
      if (!made) this.streams.eventNumbers.give(number)
    })
  }

  #endStream(client: Client, place: number, number: number, force: boolean): void {
    const s = this.streams.stream(number, client.number)
    if (s === undefined) return this.batch.call(place, NONE, 0) // the executor has the error for the handle
    const end = (): void =>
      this.#notified(place, NONE, (error) => {
        if (error === 0) this.streams.remove(s, this.decider)
        else s.ending = false
      })
    s.ending = true
    if (force) end()
    else this.waits.gate(s, s.submitted, end)
  }

  /**
   * Ends what the streams hold. What is queued here is dropped; what the device has, the real call ends, which may take a
   * while: until then nothing is taken of the client, so that nothing comes between the end of the old and the new.
   */
  #abort(client: Client, place: number, aborted: StreamState[], error: number): void {
    for (const s of aborted) {
      this.callbacks.abort(s)
      this.streams.abort(s, error, this.decider)
    }
    client.aborting++
    this.aborts++
    this.#notified(place, NONE, () => {
      client.aborting--
      this.aborts--
      for (const s of aborted) if (this.streams.streams[s.number] === s) this.streams.restart(s, this.decider)
    })
  }

  #endEvent(client: Client, place: number, number: number): void {
    const event = this.streams.event(number, client.number)
    if (event === undefined) return this.batch.call(place, NONE, 0)
    const own = [...event.object.records, ...event.object.waits].filter(([s]) => s.client === client.number)
    this.waits.behind(own, () =>
      this.#notified(place, NONE, (error) => {
        if (error === 0) this.streams.removeEvent(number, this.decider)
      }),
    )
  }

  #allocate(client: Client, place: number, bytes: bigint): void {
    /* What is freed is there again once the device is done with it. */
    if (client.freeingBytes > 0n && !this.memory.fits(bytes))
      return this.waits.whenComplete(client, () => this.#admit(client, place, bytes))
    this.#admit(client, place, bytes)
  }

  #admit(client: Client, place: number, bytes: bigint): void {
    const event = this.decider.event(EventKind.MEM_ALLOC)
    this.decider.set64(16, ++this.#request)
    this.decider.set64(24, bytes)
    event[8] = client.vnpu
    this.decider.feed()
    if (!this.decider.admitted || this.decider.refused) return this.batch.answer(place, OUT_OF_MEMORY)
    this.#notified(place, NONE, (error) => {
      if (error === 0) client.heldBytes += bytes
      else this.giveBack(client, bytes)
    })
  }

  #freed(client: Client, place: number, isBlock: boolean): void {
    this.#notified(place, NONE, (error, value) => {
      if (error !== 0 || value === 0) return
      client.heldBytes -= BigInt(value)
      this.giveBack(client, BigInt(value))
      if (!isBlock) return
      client.freeingBytes += BigInt(value)
      this.waits.whenComplete(client, () => {
        client.freeingBytes -= BigInt(value)
        this.memory.freed(client)
      })
    })
  }

  /** Operators name kernels by a hash; a recording says whose. */
  #nameKernel(ring: Ring, place: number): void {
    const { recorder } = this.decider
    const name = recorder === undefined ? undefined : ring.text(place & 0xffff, 1, KERNEL_NAME_BYTES)
    if (name !== undefined) recorder?.name(NameKind.KERNEL, fnv1a64(Buffer.from(name)), name)
  }

  /** The client's tenant has so much less. */
  giveBack(client: Client, bytes: bigint): void {
    const event = this.decider.event(EventKind.MEM_FREE)
    this.decider.set64(16, bytes)
    event[6] = client.vnpu
    this.decider.feed()
  }

  /** Runs `then` when everything that the client has issued is complete on the device. */
  whenComplete(client: Client, then: () => void): void {
    this.waits.whenComplete(client, then)
  }

  /** Answers waits that are over; when the next one's time is over, Infinity for never. */
  look(): number {
    return Math.min(this.callbacks.look(), this.waits.look())
  }

  /** Forgets what a client waits for: it is gone. */
  forget(client: Client, rings: ReadonlySet<number>): void {
    this.callbacks.forget(client.number)
    this.exceptions.forget(client.number)
    this.aborts -= client.aborting
    client.aborting = 0
    const isTheirs = (place: number): boolean => rings.has(place >>> 16)
    this.waits.forget(isTheirs)
    for (const place of this.#outcomes.keys()) if (isTheirs(place)) this.#outcomes.delete(place)
  }
}
