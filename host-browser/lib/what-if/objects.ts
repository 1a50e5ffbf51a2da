/**
 * Events and notifies in the new run. They keep their numbers as long as an earlier life of a number is over in it, too;
 * otherwise they get a free one, as the new run may be slower than the old.
 */
import { limits, OpClass } from '../../../build/gen/ts/records.ts'
import type { Lane } from './device.ts'
import type { SyncObjectLife } from './program.ts'

export interface SyncObject {
  number: number
  /** Operators that were issued and not handed over. */
  held: number
  /** Operators that are still to be handed over. */
  left: number
  /** Records handed over, and complete. */
  records: number
  complete: number
  /** Of a notify: records complete that no wait has taken. */
  notified: number
  removed_ns: number
  /** Streams at the front of which a wait for it is. */
  waiting: Lane[]
}

export class Objects {
  readonly #lives: SyncObjectLife[]
  readonly #known = new Map<number, SyncObject>()
  readonly #taken = new Set<number>()
  #spare = limits.MAX_SYNC_OBJECTS - 1

  constructor(lives: SyncObjectLife[]) {
    this.#lives = lives
  }

  of(life: number): SyncObject {
    let object = this.#known.get(life)
    if (object !== undefined) return object
    const { number, uses, removed_ns } = this.#lives[life]!
    object = {
      number: this.#take(number),
      held: 0,
      left: uses,
      records: 0,
      complete: 0,
      notified: 0,
      removed_ns,
      waiting: [],
    }
    this.#known.set(life, object)
    return object
  }

  /** The object is gone. */
  remove(object: SyncObject): void {
    this.#taken.delete(object.number)
  }

  #take(wanted: number): number {
    let number = wanted
    while (this.#taken.has(number))
      number = this.#spare === 0 ? (this.#spare = limits.MAX_SYNC_OBJECTS - 1) : this.#spare--
    this.#taken.add(number)
    return number
  }
}

/** What an operator about an object is to remember when it is handed over: the number of the record it is, or means. */
export function ticketOf(object: SyncObject, opClass: number): number {
  if (opClass === OpClass.EVENT_RECORD) return ++object.records
  return opClass === OpClass.EVENT_WAIT ? object.records : 0
}

/** Whether it may begin on the device. */
export function mayBegin(object: SyncObject, opClass: number, ticket: number): boolean {
  if (opClass === OpClass.EVENT_WAIT) return object.complete >= ticket
  return opClass !== OpClass.NOTIFY_WAIT || object.notified > 0
}

/** It is complete on the device: the streams that may go on now, if their waits are over. */
export function pass(object: SyncObject, opClass: number, ticket: number): Lane[] {
  if (opClass === OpClass.EVENT_RECORD) object.complete = Math.max(object.complete, ticket)
  else if (opClass === OpClass.NOTIFY_RECORD) object.notified++
  else if (opClass === OpClass.NOTIFY_WAIT) object.notified--
  else return []
  const { waiting } = object
  object.waiting = []
  return waiting
}
