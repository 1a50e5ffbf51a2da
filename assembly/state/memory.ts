/**
 * Where everything is. The core allocates nothing: every table has its place, fixed at compile time, and the tables that
 * decide are one contiguous region, so that a copy of it is a snapshot and a hash of it is the state.
 *
 *      0 ┌──────────────┐
 *        │ unused       │ (asc keeps 0 free as null)
 *   4096 ├──────────────┤ STATE
 *        │ globals      │ 4 KiB
 *        │ devices      │ 16 × 512 B
 *        │ tenants      │ 256  × 32 B
 *        │ virtual NPUs │ 1024 × 32 B
 *        │ streams      │ 4096 × 256 B
 *        │ sync objects │ 65536 × 32 B
 *        │ operators    │ 65536 × 48 B
 *        │ kernel costs │ 8192 × 32 B
 *        │ heaps        │ 16 × 4 × 4096 × 16 B
 *        │ heap places  │ 4096 × 4 B
 *        ├──────────────┤ STATE + STATE_BYTES
 *        │ inbox        │ 1024 × 64 B
 *        │ outbox       │ 2048 × 32 B
 *        └──────────────┘
 */
import {
  DECISION_BYTES,
  EVENT_BYTES,
  INBOX_RECORDS,
  MAX_DEVICES,
  MAX_KERNEL_KEYS,
  MAX_OPS,
  MAX_STREAMS,
  MAX_SYNC_OBJECTS,
  MAX_TENANTS,
  MAX_VNPUS,
  OUTBOX_RECORDS,
} from '../../build/gen/as/layout'

/** Classes of streams that policies tell apart: one for each Phase. */
export const CLASSES: u32 = 4

export const GLOBALS_BYTES: u32 = 4096
export const DEVICE_BYTES: u32 = 512
export const TENANT_BYTES: u32 = 32
export const VNPU_BYTES: u32 = 32
export const STREAM_BYTES: u32 = 256
export const SYNC_BYTES: u32 = 32
export const OP_BYTES: u32 = 48
export const COST_BYTES: u32 = 32
export const HEAP_ENTRY_BYTES: u32 = 16

export const STATE: u32 = 4096
export const GLOBALS: u32 = STATE
export const DEVICES: u32 = GLOBALS + GLOBALS_BYTES
export const TENANTS: u32 = DEVICES + MAX_DEVICES * DEVICE_BYTES
export const VNPUS: u32 = TENANTS + MAX_TENANTS * TENANT_BYTES
export const STREAMS: u32 = VNPUS + MAX_VNPUS * VNPU_BYTES
export const SYNCS: u32 = STREAMS + MAX_STREAMS * STREAM_BYTES
export const OPS: u32 = SYNCS + MAX_SYNC_OBJECTS * SYNC_BYTES
export const COSTS: u32 = OPS + MAX_OPS * OP_BYTES
export const HEAPS: u32 = COSTS + MAX_KERNEL_KEYS * COST_BYTES
export const HEAP_PLACES: u32 = HEAPS + MAX_DEVICES * CLASSES * MAX_STREAMS * HEAP_ENTRY_BYTES
export const STATE_END: u32 = HEAP_PLACES + MAX_STREAMS * 4
export const STATE_BYTES: u32 = STATE_END - STATE
export const INBOX: u32 = STATE_END
export const OUTBOX: u32 = INBOX + INBOX_RECORDS * EVENT_BYTES
export const MEMORY_END: u32 = OUTBOX + OUTBOX_RECORDS * DECISION_BYTES
