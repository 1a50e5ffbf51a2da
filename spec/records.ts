/**
 * The fixed-size records that cross the boundary of the scheduling core: events in, decisions out.
 *
 * One declaration serves the ring, the log and the core's inbox; tools/ generates the C structures, the AssemblyScript
 * accessors and the TypeScript codec from it. All fields are little-endian and naturally aligned.
 * Changing anything here changes the log format: raise LOG_VERSION in spec/log.ts.
 */

export type FieldType = 'u8' | 'u16' | 'u32' | 'u64'

/** One field of a record: its type, byte offset, and what it means (with its unit). */
export interface Field {
  name: string
  type: FieldType
  at: number
  doc: string
}

/** One kind of event or decision and the fields it adds to the common ones. */
export interface RecordKind {
  name: string
  id: number
  doc: string
  fields: Field[]
}

const u8 = (name: string, at: number, doc: string): Field => ({ name, type: 'u8', at, doc })
const u16 = (name: string, at: number, doc: string): Field => ({ name, type: 'u16', at, doc })
const u32 = (name: string, at: number, doc: string): Field => ({ name, type: 'u32', at, doc })
const u64 = (name: string, at: number, doc: string): Field => ({ name, type: 'u64', at, doc })

/** Size of one event record. */
export const EVENT_BYTES = 64

/** Size of one decision record. */
export const DECISION_BYTES = 32

/** A stream, device or object number that names none. */
export const NONE = 0xffffffff

/** Fields that every event has. */
export const eventHeader: Field[] = [
  u16('kind', 0, 'which event this is'),
  u16('flags', 2, 'EventFlag'),
  u32('stream', 4, 'stream number, dense, given by the host; NONE where the event is of no stream'),
  u64('time_ns', 8, 'host monotonic time since the start of the recording; never decreases from event to event'),
]

/** Every event the core understands. */
export const events: RecordKind[] = [
  {
    name: 'DEVICE_ADD',
    id: 1,
    doc: 'A physical device is there. Resets the state of that device number.',
    fields: [
      u32('device', 16, 'device number'),
      u32('chip', 20, 'Chip'),
      u32('cube_cores', 24, 'AI cores with a cube unit, as aclrtGetDeviceInfo says; 0 takes the chip table'),
      u32('vector_cores', 28, 'vector cores; 0 takes the chip table'),
      u64('hbm_bytes', 32, 'device memory; 0 takes the chip table'),
      u64('hbm_bytes_per_s', 40, 'peak HBM bandwidth; 0 takes the chip table'),
    ],
  },
  { name: 'DEVICE_REMOVE', id: 2, doc: 'The device is gone.', fields: [u32('device', 16, 'device number')] },
  {
    name: 'TENANT_SET',
    id: 3,
    doc: 'A tenant is created or changed. Tenant 0 always exists: weight 1000, no limit.',
    fields: [
      u32('tenant', 16, 'tenant number'),
      u32('weight', 20, 'share weight, 1 to 1,000,000'),
      u32('priority', 24, '0 (greatest) to 7'),
      u32('stream_limit', 28, 'streams it may have; 0 is no limit'),
      u64('hbm_quota_bytes', 32, 'device memory it may hold; 0 is no limit'),
    ],
  },
  { name: 'TENANT_REMOVE', id: 4, doc: 'The tenant is gone.', fields: [u32('tenant', 16, 'tenant number')] },
  {
    name: 'VNPU_ADD',
    id: 5,
    doc: 'A virtual NPU of a tenant is bound to a device.',
    fields: [
      u32('vnpu', 16, 'virtual NPU number'),
      u32('tenant', 20, 'tenant number'),
      u32('device', 24, 'device number'),
    ],
  },
  { name: 'VNPU_REMOVE', id: 6, doc: 'The virtual NPU is gone.', fields: [u32('vnpu', 16, 'virtual NPU number')] },
  {
    name: 'STREAM_ADD',
    id: 7,
    doc: 'A stream exists on a virtual NPU. Its operator sequence starts at 0.',
    fields: [u32('vnpu', 16, 'virtual NPU number'), u32('priority', 20, 'AscendCL priority, 0 (greatest) to 7')],
  },
  { name: 'STREAM_REMOVE', id: 8, doc: 'The stream is gone, with whatever it still had queued.', fields: [] },
  {
    name: 'OP_SUBMIT',
    id: 9,
    doc: 'The application issued an operator on a stream that had no credit; the host holds it until a DISPATCH covers it.',
    fields: [
      u16('op_class', 16, 'OpClass'),
      u16('api', 18, 'number of the AscendCL function, see ApiId'),
      u32('sync_object', 20, 'the event or notify it records, waits for or resets; NONE otherwise'),
      u64('key', 24, 'hash of the kernel name (FNV-1a 64), 0 where it is no kernel'),
      u32('blocks', 32, 'launch width in blocks, 0 where it is no kernel'),
      u32('args_bytes', 36, 'size of the kernel arguments'),
      u64('bytes', 40, 'bytes copied or set, 0 for others'),
      u64('op_seq', 48, 'number of the operator in its stream, counted from 1 without gaps, credit included'),
      u32('evidence', 56, 'PhaseEvidence: what the name of the operator says of its phase'),
    ],
  },
  {
    name: 'OP_COMPLETE',
    id: 10,
    doc: 'All operators of the stream up to completed_seq are complete.',
    fields: [
      u64('completed_seq', 16, 'op_seq of the last complete operator'),
      u64('device_ns', 24, 'device time between the marker before and the one after them, by device events; 0 unknown'),
      u64('end_ns', 32, 'host time at which completion was seen'),
      u32('count', 40, 'how many operators device_ns covers, the last ones up to completed_seq'),
    ],
  },
  {
    name: 'CREDIT_USED',
    id: 11,
    doc: 'The stream issued operators on its credit. The rest of the credit is void after this event.',
    fields: [u64('count', 16, 'operators issued on credit since the grant')],
  },
  {
    name: 'MEM_ALLOC',
    id: 12,
    doc: 'A tenant asks for device memory; answered by ADMIT or DENY with the same request.',
    fields: [
      u64('request', 16, 'number chosen by the host'),
      u64('bytes', 24, 'size'),
      u32('vnpu', 32, 'virtual NPU number'),
    ],
  },
  {
    name: 'MEM_FREE',
    id: 13,
    doc: 'A tenant gave device memory back.',
    fields: [u64('bytes', 16, 'size'), u32('vnpu', 24, 'virtual NPU number')],
  },
  {
    name: 'PHASE_HINT',
    id: 14,
    doc: 'Someone who knows says which phase a stream runs, or (stream NONE) every stream of a virtual NPU.',
    fields: [
      u32('phase', 16, 'Phase; UNKNOWN takes an earlier hint back'),
      u32('source', 20, 'PhaseSource'),
      u32('vnpu', 24, 'virtual NPU number, used where stream is NONE'),
    ],
  },
  {
    name: 'POLICY_SET',
    id: 15,
    doc: 'Chooses the policy and its parameters; a parameter of 0 takes the default of the policy.',
    fields: [
      u32('policy', 16, 'Policy'),
      u64('p0', 24, 'first parameter, see policyParameters'),
      u64('p1', 32, 'second parameter'),
      u64('p2', 40, 'third parameter'),
      u64('p3', 48, 'fourth parameter'),
    ],
  },
  {
    name: 'TELEMETRY',
    id: 16,
    doc: 'A measurement from outside: device utilization as the host reads it.',
    fields: [
      u32('device', 16, 'device number'),
      u32('compute_permille', 20, 'compute in use'),
      u32('bandwidth_permille', 24, 'HBM bandwidth in use'),
    ],
  },
  { name: 'TICK', id: 17, doc: 'Time has passed; sent when the core asked to be woken (next_wake_ns).', fields: [] },
  {
    name: 'SYNC_REMOVE',
    id: 18,
    doc: 'A synchronization object (event, notify) is destroyed; its number may be used again.',
    fields: [u32('sync_object', 16, 'object number')],
  },
  {
    name: 'STREAM_SYNC',
    id: 19,
    doc: 'A host thread begins to wait for the stream (evidence of a step end, and of urgency).',
    fields: [],
  },
]

/** Fields that every decision has. */
export const decisionFields: Field[] = [
  u8('kind', 0, 'which decision this is'),
  u8('flags', 1, 'DecisionFlag'),
  u16('rule', 2, 'Rule: why'),
  u32('stream', 4, 'stream number; for ADMIT and DENY the virtual NPU; for SHARE the Phase'),
  u32('count', 8, 'DISPATCH: operators; PHASE: Phase; SHARE: permille; FAULT: FaultCode'),
  u16('device', 12, 'device number'),
  u16('core_limit', 14, 'cores the operators may use; 0 is no limit'),
  u64(
    'value',
    16,
    'DISPATCH: op_seq of the last operator covered; HOLD: until when, ns; ADMIT, DENY: request; PHASE: confidence in permille; FAULT: kind of the offending event',
  ),
  u64('event_seq', 24, 'number of the event that led to this decision, counted from 1'),
]

/** Every decision the core makes. */
export const decisions: { name: string; id: number; doc: string }[] = [
  {
    name: 'DISPATCH',
    id: 1,
    doc: 'Hand `count` operators of the stream to the device; with CREDIT: let it issue that many unasked.',
  },
  { name: 'HOLD', id: 2, doc: 'The stream has work that waits; said once when it begins to wait.' },
  { name: 'ADMIT', id: 3, doc: 'The memory request fits.' },
  { name: 'DENY', id: 4, doc: 'The memory request exceeds the quota.' },
  { name: 'PHASE', id: 5, doc: 'The phase of the stream is now believed to be another.' },
  { name: 'SHARE', id: 6, doc: 'The share of a phase on the device changed.' },
  { name: 'REVOKE', id: 7, doc: 'Take back the credit of the stream and report what was used.' },
  { name: 'THROTTLE', id: 8, doc: 'The tenant of the stream exceeds its share; its operators wait.' },
  { name: 'FAULT', id: 9, doc: 'An event could not be honoured; nothing was changed by it.' },
]

/** Enumerations shared by all parts: name, what it is, and its values. */
export const enums: { name: string; doc: string; flags?: boolean; values: Record<string, number> }[] = [
  {
    name: 'OpClass',
    doc: 'What an operator does.',
    values: {
      KERNEL: 1,
      COPY_H2D: 2,
      COPY_D2H: 3,
      COPY_D2D: 4,
      MEMSET: 5,
      EVENT_RECORD: 6,
      EVENT_WAIT: 7,
      EVENT_RESET: 8,
      NOTIFY_RECORD: 9,
      NOTIFY_WAIT: 10,
      CALLBACK: 11,
      GRAPH: 12,
      COLLECTIVE: 13,
      OTHER: 14,
      /** A function that the host runs when all before it is complete, and whose end it reports; its stream waits. */
      CALLBACK_BLOCK: 15,
    },
  },
  { name: 'Phase', doc: 'Phase of LLM serving.', values: { UNKNOWN: 0, PREFILL: 1, DECODE: 2, MIXED: 3 } },
  {
    name: 'PhaseSource',
    doc: 'Where a phase is known from, best first.',
    values: { NONE: 0, HINT: 1, ARGUMENTS: 2, NAMES: 3, GRAPH: 4, ROLE: 5, SHAPE: 6 },
  },
  { name: 'PhaseEvidence', doc: 'What an operator name says.', values: { NONE: 0, PREFILL: 1, DECODE: 2 } },
  {
    name: 'PolicyId',
    doc: 'Scheduling policies.',
    values: { PASSTHROUGH: 0, FAIR: 1, STATIC_SPLIT: 3, DYNAMIC_PD: 4 },
  },
  {
    name: 'EventFlag',
    doc: 'Flags of an event.',
    flags: true,
    values: {
      /** Of an OP_SUBMIT: another one of the device follows at once, and what may go is decided behind that. */
      MORE: 1,
    },
  },
  {
    name: 'DecisionFlag',
    doc: 'Flags of a DISPATCH.',
    flags: true,
    values: {
      /** Record a device event after these operators and report their completion. */
      MARK: 1,
      /** Also record one before them, so that their device time is exact. */
      SAMPLE: 2,
      /** A grant: the host may issue `count` more operators without asking. */
      CREDIT: 4,
    },
  },
  {
    name: 'Rule',
    doc: 'Why a decision was made.',
    values: {
      NONE: 0,
      PASSTHROUGH: 1,
      ALONE: 2,
      FAIR_VTIME: 3,
      SLICE_OWNER: 4,
      SLICE_OTHER: 5,
      DECODE_SHARE: 6,
      PREFILL_SHARE: 7,
      PHASE_IDLE: 8,
      WINDOW_FULL: 9,
      SYNC_ORDER: 10,
      STARVATION_GUARD: 11,
      COMPETITOR: 12,
      QUOTA: 13,
      HINT: 14,
      NAMES: 15,
      ROLE: 16,
      SHAPE: 17,
      REBALANCE: 18,
      DRAIN: 19,
      SYNC_OBJECT: 20,
      CALLBACK: 21,
    },
  },
  {
    name: 'FaultCode',
    doc: 'What was wrong with an event.',
    values: {
      UNKNOWN_KIND: 1,
      BAD_STREAM: 2,
      BAD_DEVICE: 3,
      BAD_TENANT: 4,
      BAD_VNPU: 5,
      BAD_SEQUENCE: 6,
      TABLE_FULL: 7,
      BAD_VALUE: 8,
      TIME_REVERSED: 9,
    },
  },
  {
    name: 'Chip',
    doc: 'Chips with a row in the device table (shared/facts/hardware.md).',
    values: { UNKNOWN: 0, ASCEND_910B1: 1, ASCEND_910B2: 2, ASCEND_910B3: 3, ASCEND_910B4: 4, ASCEND_910C: 5 },
  },
]

/** Names of the four parameters of each policy, with unit and default; 0 in an event takes the default. */
export const policyParameters: Record<string, { name: string; default: number; doc: string }[]> = {
  passthrough: [],
  fair: [{ name: 'window_ns', default: 1_000_000, doc: 'predicted work a stream may have on the device' }],
  'static-split': [
    { name: 'prefill_permille', default: 500, doc: 'share of each period that belongs to prefill' },
    { name: 'period_ns', default: 20_000_000, doc: 'length of a period' },
    { name: 'window_ns', default: 1_000_000, doc: 'predicted work a stream may have on the device' },
  ],
  'dynamic-pd': [
    {
      name: 'decode_max_permille',
      default: 0,
      doc: 'upper bound of the share of decode; 0: its bandwidth-saturation share, learned',
    },
    { name: 'interval_ns', default: 5_000_000, doc: 'how often the shares are reconsidered' },
    { name: 'window_ns', default: 1_000_000, doc: 'predicted work of prefill on the device while decode has work' },
  ],
}

/** Numbers of the policies by the name users give. */
export const policyIds: Record<string, number> = { passthrough: 0, fair: 1, 'static-split': 3, 'dynamic-pd': 4 }

/** Sizes of the core's tables and mailboxes; the core refuses what exceeds them with FAULT TABLE_FULL. */
export const limits = {
  INBOX_RECORDS: 1024,
  OUTBOX_RECORDS: 2048,
  /** Decisions one event can lead to; the rest follow at the next event (the core asks for a TICK at once). */
  DECISIONS_PER_EVENT: 64,
  MAX_DEVICES: 16,
  MAX_TENANTS: 256,
  MAX_VNPUS: 1024,
  MAX_STREAMS: 4096,
  MAX_SYNC_OBJECTS: 65536,
  /** Operators the core can hold: submitted and not complete, over all streams. */
  MAX_OPS: 65536,
  MAX_KERNEL_KEYS: 8192,
}
