/**
 * The ring of a client thread in daemon mode: one file in shared memory, written by the client (host-shim/remote) and
 * read by the daemon (host-node/daemon, and the executor that it loads). docs/daemon.md tells how they speak.
 *
 *      0 ┌──────────────────────────────┐
 *        │ header: one cache line each  │ 4 KiB
 *   4096 ├──────────────────────────────┤
 *        │ records, 64 B each           │ RING_RECORDS
 *        ├──────────────────────────────┤
 *        │ arguments, a ring of bytes   │ RING_ARGS_BYTES
 *        ├──────────────────────────────┤
 *        │ reply to the call under way  │ RING_REPLY_BYTES
 *        ├──────────────────────────────┤
 *        │ data of host copies          │ RING_DATA_BYTES
 *        └──────────────────────────────┘
 *
 * A record is an event of the core's inbox: an asynchronous operator is OP_SUBMIT as the core takes it. The daemon fills
 * in what a client cannot know (time, op_seq), so the client uses those places for where its arguments are.
 */
import type { Field } from './records.ts'

/** First 8 bytes of a ring file, `flexring` read as little-endian. */
export const RING_MAGIC = 0x676e697278656c66n
/** Raised with every incompatible change; the daemon refuses others and says which it speaks. */
export const RING_VERSION = 1

/** Bytes of the parts, and what fits a record. */
export const ring = {
  RING_HEADER_BYTES: 4096,
  /** Records; a power of two. */
  RING_RECORDS: 4096,
  RING_RECORD_BYTES: 64,
  /** Arguments of records that are under way; a power of two. */
  RING_ARGS_BYTES: 1 << 20,
  RING_REPLY_BYTES: 1 << 16,
  /** Two halves, so that one is filled while the other is copied. */
  RING_DATA_BYTES: 8 << 20,
  /** A piece of a streamed copy: small enough to stay in a core's cache between its two copies. */
  RING_PIECE_BYTES: 512 << 10,
  /** Pieces under way, from the start of the data area; the other half is for asynchronous copies. */
  RING_PIECES: 8,
} as const

/** Bytes of a ring's file. */
export const RING_FILE_BYTES =
  ring.RING_HEADER_BYTES +
  ring.RING_RECORDS * ring.RING_RECORD_BYTES +
  ring.RING_ARGS_BYTES +
  ring.RING_REPLY_BYTES +
  ring.RING_DATA_BYTES

const u32 = (name: string, at: number, doc: string): Field => ({ name, at, type: 'u32', doc })
const u64 = (name: string, at: number, doc: string): Field => ({ name, at, type: 'u64', doc })

/** The header. Who writes a word is said first; each group has its own cache line. */
export const ringHeader: Field[] = [
  u64('magic', 0, 'client, once: RING_MAGIC'),
  u32('version', 8, 'client, once: RING_VERSION'),
  u32('records', 12, 'client, once: RING_RECORDS'),
  u32('args_bytes', 16, 'client, once: RING_ARGS_BYTES'),
  u32('data_bytes', 20, 'client, once: RING_DATA_BYTES'),
  u32('thread', 24, 'client, once: its kernel thread number'),
  u32('head', 64, 'client: records published, counted on and on, modulo 2^32'),
  u32('tail', 128, 'daemon: records that it is done with (their places are free again)'),
  u32('args_done', 132, 'daemon: bytes of arguments that it is done with, counted like the positions in records'),
  u32('reply_seq', 192, 'daemon: number of the last call answered; the futex word that a client waits on'),
  u32('reply_waiter', 196, 'client: 1 while it sleeps on reply_seq: only then the daemon has to wake it'),
  u32('reply_error', 200, 'daemon: aclError of that call'),
  u32('reply_bytes', 204, 'daemon: bytes of the reply area that the answer takes'),
  u32('gone', 256, 'daemon: 1 when it leaves or has disconnected the client: no call is answered any more'),
  u32('copy_client', 320, 'client: pieces of the streamed copy that it has filled, or emptied; a futex word'),
  u32('copy_client_waiter', 324, 'daemon: 1 while it sleeps on copy_client'),
  u32('copy_daemon', 384, 'daemon: pieces of the streamed copy that it has emptied, or filled; a futex word'),
  u32('copy_daemon_waiter', 388, 'client: 1 while it sleeps on copy_daemon'),
  u32('called', 448, 'client: head behind its newest call; what the daemon looks at while it leaves the rings alone'),
]

/** Kinds of ring records beside OP_SUBMIT, beyond those of events. */
export const RingKind = {
  /** A function that is answered: runs when everything issued before it by its thread has been taken. */
  CALL: 0x8001,
  /** A function that is not answered and orders with no stream (releases). */
  POST: 0x8002,
  /** What the program says of a stream's phase, or what its operators mean. */
  HINT: 0x8003,
  /** A function of the program that its stream waits for has returned. */
  RETURNED: 0x8004,
} as const

/**
 * Places in a record, all kinds. `ticket` orders the records of all threads of a client: the daemon takes them one by one
 * in the order of tickets, so that what one thread issues after another has is behind it, on whatever ring.
 */
export const ringRecord: Field[] = [
  { name: 'kind', at: 0, type: 'u16', doc: 'OP_SUBMIT or a RingKind' },
  { name: 'flags', at: 2, type: 'u16', doc: '0' },
  u32('stream', 4, 'number of the stream as the core knows it; NONE where there is none'),
  u32('args_at', 8, 'position of its arguments, counted on and on; modulo RING_ARGS_BYTES the place'),
  u32('args_length', 12, 'bytes of them, a multiple of 8; they never wrap'),
  { name: 'op_class', at: 16, type: 'u16', doc: 'OP_SUBMIT: OpClass; HINT: Phase' },
  { name: 'api', at: 18, type: 'u16', doc: 'number of the AscendCL function; HINT: PhaseSource' },
  u32('sync_object', 20, 'number of the event it is about, or NONE'),
  u32(
    'call_seq',
    24,
    'CALL: its number, counted from 1 by thread; RETURNED: number of the callback, as the daemon gave it',
  ),
  u32('prefill_tokens', 28, 'HINT: as in PHASE_HINT'),
  u32('decode_tokens', 32, 'HINT: as in PHASE_HINT'),
  u32('ticket', 60, 'counted over all threads of the client, from 1 to 2^32 - 1 and on from 1'),
]

/**
 * Virtual handles: what a client gets in place of a pointer of the real library. `0x00f1 | kind (8) | generation (16) |
 * index (24)` from the top, so that none is a user-space address, and none is NULL. Index and generation are checked on
 * every use.
 */
export const HANDLE_TAG = 0x00f1n
/** Bits of the index, and of the generation above it. */
export const HANDLE_INDEX_BITS = 24
export const HANDLE_GENERATION_BITS = 16
/** Kinds of handles, by the names of spec/types.ts. */
export const HandleKindId = {
  context: 1,
  stream: 2,
  event: 3,
  binary: 4,
  function: 5,
  'phys-mem': 6,
  graph: 7,
  notify: 8,
  'cnt-notify': 9,
  'task-group': 10,
  condition: 11,
  label: 12,
  'label-list': 13,
} as const

/**
 * An address in the data area of the record's ring, where a copy names host memory that is not pinned: this tag in the
 * place of a handle's, and the offset from the start of the area below it.
 */
export const DATA_TAG = 0x00f2n
/** In place of host memory that a synchronous copy streams through the data area, piece by piece. */
export const STREAM_TAG = 0x00f3n
