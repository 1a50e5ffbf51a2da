/**
 * The programs behind a recording: for every stream, its operators in order and the rule by which each is issued. Rules
 * are relative to what the program could see, so that they hold under another policy as well.
 */

import { OpClass } from '../../../build/gen/ts/records.ts'
import { EVENT_WORDS } from './words.ts'

/** Whether operators of a class are about no object and no function of the host. */
export const isPlain = (opClass: number): boolean =>
  (opClass < OpClass.EVENT_RECORD || opClass > OpClass.CALLBACK) && opClass !== OpClass.CALLBACK_BLOCK

/** When an operator is issued. */
export const Rule = {
  /** So long after the one before it. */
  PACED: 0,
  /** So long after everything before it was seen complete: the program waited for it. */
  AFTER: 1,
  /** At that time, or when everything before it was seen complete, whichever is later: an arrival. */
  ARRIVES: 2,
  /** Behind operators on credit; becomes one of the others (credit.ts). */
  OPEN: 3,
} as const

/** A stretch of operators that were issued on credit: their number is all that was recorded. */
export interface CreditStretch {
  /** Operators from `from` up to, without, `to`, counted from 0. */
  from: number
  to: number
  granted_ns: number
  /** When it was settled. */
  settled_ns: number
  /** Whether it was used up. */
  exhausted: boolean
  /** Synchronizations in it, where the host records them. */
  syncs: number
}

/** One stream from STREAM_ADD to STREAM_REMOVE. */
export class StreamProgram {
  readonly stream: number
  readonly device: number
  readonly vnpu: number
  /** Index of its STREAM_ADD event. */
  readonly added: number
  /** Index of its STREAM_REMOVE event, -1 for none. */
  removed = -1
  /** The phase that it was believed to run last. */
  phase = 0
  readonly count: number
  /** Index of the OP_SUBMIT event; of one that stands for it where the operator was issued on credit. */
  readonly source: Uint32Array
  /** 1: issued on credit. */
  readonly credited: Uint8Array
  readonly rule: Uint8Array
  /** ns, or the time, by the rule. */
  readonly delay: Float64Array
  /** STREAM_SYNC so long after it, ns; -1 for none. */
  readonly sync: Float64Array
  /** Time that it has on the device when nothing else runs there, ns. */
  readonly own: Float64Array
  /** Kind of operator, for what is learned of its time. */
  readonly kind: Uint32Array
  /** Object of an operator about an event or a notify: an index into Programs.objects. */
  readonly objects = new Map<number, number>()
  /** Time of functions of the host, by operator. */
  readonly host = new Map<number, number>()
  readonly stretches: CreditStretch[] = []
  /** Where steps end: numbers of operators before the boundary, ascending. */
  boundaries: number[] = []
  /** Phases it was believed to run: from this number of operators on, this phase. */
  readonly phases: [number, number][] = []
  /** Its shortest usual pause between two steps, ns. */
  think = 100_000
  /** A longer one is a wait for the world outside, ns. */
  thinkLimit = 0
  /** Usual pause between two operators of a step, ns. */
  pace = 1_000

  constructor(stream: number, device: number, vnpu: number, added: number, count: number) {
    this.stream = stream
    this.device = device
    this.vnpu = vnpu
    this.added = added
    this.count = count
    this.source = new Uint32Array(count)
    this.credited = new Uint8Array(count)
    this.rule = new Uint8Array(count)
    this.delay = new Float64Array(count)
    this.sync = new Float64Array(count).fill(-1)
    this.own = new Float64Array(count)
    this.kind = new Uint32Array(count)
  }

  /** Class of an operator; OTHER where one on credit has nothing better to be like. */
  opClass(events: Uint32Array, n: number): number {
    const opClass = events[this.source[n]! * EVENT_WORDS + 4]! & 0xffff
    return this.credited[n] === 1 && !isPlain(opClass) ? OpClass.OTHER : opClass
  }

  /** The phase it was believed to run at an operator; the next belief where it had none yet. */
  phaseAt(operator: number): number {
    let phase = 0
    for (const [from, to] of this.phases) {
      if (from > operator && phase !== 0) break
      phase = to
    }
    return phase
  }
}

/** One life of an event or notify: from its first use to SYNC_REMOVE. */
export interface SyncObjectLife {
  number: number
  /** Operators about it. */
  uses: number
  /** Time of its SYNC_REMOVE, -1 for none. */
  removed_ns: number
  /** Of a notify: when records came that the recording does not hold, ascending (unseen.ts). */
  unseen_ns: number[]
}

/** A measured group: device time of operators `from` up to, without, `to` of a stream. */
export interface Measurement {
  program: number
  from: number
  to: number
  device_ns: number
  /** When its end was seen. */
  seen_ns: number
  /** Whether device events measured it; otherwise it is the host's time, from its hand-over to the end that it saw. */
  exact: boolean
}

/** A step of a program, operators `from` up to, without, `to`. */
export interface Step {
  program: number
  from: number
  to: number
  phase: number
  /** Recorded; NaN where it was on credit, in part or whole. */
  begin_ns: number
  end_ns: number
}

export interface Programs {
  /** Whether the daemon recorded it, which reports every synchronization. */
  byDaemon: boolean
  programs: StreamProgram[]
  objects: SyncObjectLife[]
  measurements: Measurement[]
  /** Indexes of events that belong to no stream's operators, in order; POLICY_SET excepted. */
  admin: number[]
  /** Index of the first POLICY_SET, -1 for none. */
  policySet: number
  /** Grants that were never settled: nothing is known of what was issued on them. */
  openGrants: number
  /** Time of the first operator and of the last completion. */
  first_ns: number
  last_ns: number
}
