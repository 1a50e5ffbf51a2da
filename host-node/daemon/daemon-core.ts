/**
 * What the control plane asks of the daemon's core. Every method returns at once: the loop never waits for a client, and
 * a client's request never waits for the device. Requests reach it checked for form and for who may ask them.
 */
import type { EventRecord } from '../../build/gen/ts/records.ts'
import type { PolicyChoice } from '../cli/policy.ts'
import type { Tenant, Tenants } from '../tenants/tenants.ts'
import type { Peer } from './executor.ts'
import type { CoreStatus } from './status.ts'

/** A request that cannot be granted: the AscendCL error the client's program is to see, and the reason for people. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly acl: number

  constructor(acl: number, why: string) {
    super(why)
    this.acl = acl
  }
}

/** What a client is told in its welcome. */
export interface Welcome {
  device: number
  soc: string
  device_count: number
}

/** The answer to {"admin":"record"}; with `begin`, bytes of a recording follow it on the same connection. */
export interface RecordAnswer {
  answer: object
  /** Sends a recording from now on to `listener`; the function that it returns ends that. */
  begin?: (listener: (bytes: Uint8Array) => void) => () => void
}

export interface DaemonCore {
  readonly welcome: Welcome
  status(): CoreStatus
  /** Throws Refusal where the core will not have it; then the policy is as before. */
  setPolicy(choice: PolicyChoice): void
  /**
   * The tenants are now `tenants`: feeds `events` in order (tenants/change.ts), with times of its own. Clients of
   * tenants that are gone were removed before. Checked input: the core takes every event.
   */
  reload(tenants: Tenants, events: readonly EventRecord[]): void
  /** A process connects; its number, which no client before it had. Throws Refusal. */
  clientAdd(peer: Peer, tenant: Tenant, role: string): number
  /** Maps a ring; its number. Throws Refusal. */
  ringAdd(client: number, path: string, thread: number): number
  /** A thread of the client ends: its ring goes once everything in it is done with. */
  ringRemove(client: number, ring: number): void
  pinAdd(client: number, path: string, address: bigint, bytes: bigint): void
  pinRemove(client: number, address: bigint): void
  /** The client is gone: everything it held goes back. Safe to call again. */
  clientRemove(client: number): void
  /** Where what the core is fed and decides can be read. Throws UserError. */
  record(from: 'start' | 'now' | undefined): RecordAnswer
  /** Ends the loop and completes the recording. */
  stop(): Promise<void>
}
