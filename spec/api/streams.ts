/** Streams and events. */
import { fn, output, stream, val, type ApiDraft } from '../types.ts'

const event = () => val('aclrtEvent', 'event', { handle: 'event' })
const newStream = () => output('aclrtStream *', 'stream', { handle: 'stream' })
const newEvent = () => output('aclrtEvent *', 'event', { handle: 'event' })
/** A stream that has to be named: NULL is no default here. */
const namedStream = () => val('aclrtStream', 'stream', { handle: 'stream' })

export const streamFunctions: ApiDraft[] = [
  fn('aclrtCreateStream', [newStream()], {
    class: 'create',
    custom: 'api/stream.c',
    remote: 'remote/streams.c',
    doc: 'Makes a stream.',
  }),
  fn('aclrtCreateStreamWithConfig', [newStream(), val('uint32_t', 'priority'), val('uint32_t', 'flag')], {
    class: 'create',
    custom: 'api/stream.c',
    remote: 'remote/streams.c',
    doc: 'Makes a stream with a priority (0 greatest to 7) and flags.',
  }),
  fn('aclrtDestroyStream', [namedStream()], {
    class: 'destroy',
    custom: 'api/stream.c',
    remote: 'remote/streams.c',
    doc: 'Ends a stream after its work.',
  }),
  fn('aclrtDestroyStreamForce', [namedStream()], {
    class: 'destroy',
    custom: 'api/stream.c',
    remote: 'remote/streams.c',
    doc: 'Ends a stream at once, with what it still holds.',
  }),
  fn('aclrtSynchronizeStream', [stream()], { class: 'sync-stream', doc: 'Waits for a stream.' }),
  fn('aclrtSynchronizeStreamWithTimeout', [stream(), val('int32_t', 'timeout')], {
    class: 'sync-stream',
    doc: 'Waits for a stream, -1 or milliseconds.',
  }),
  fn('aclrtStreamQuery', [stream(), output('aclrtStreamStatus *', 'status')], {
    class: 'query',
    custom: 'api/stream.c',
    doc: 'Whether the work of a stream is complete.',
  }),
  fn('aclrtStreamWaitEvent', [stream(), event()], {
    class: 'async',
    op: { opClass: 'EVENT_WAIT', syncObject: 'event' },
    doc: 'The stream waits for the latest record of the event.',
  }),
  fn('aclrtStreamGetPriority', [stream(), output('uint32_t *', 'priority')], {
    class: 'query',
    asks: true,
    since: '8.5',
    doc: 'Priority of a stream.',
  }),
  fn('aclrtStreamGetId', [stream(), output('int32_t *', 'streamId')], {
    class: 'query',
    asks: true,
    since: '8.5',
    doc: 'Number of a stream.',
  }),
  fn('aclrtCreateEvent', [newEvent()], { class: 'create', remote: 'remote/events.c', doc: 'Makes an event.' }),
  fn('aclrtCreateEventWithFlag', [newEvent(), val('uint32_t', 'flag')], {
    class: 'create',
    remote: 'remote/events.c',
    doc: 'Makes an event for synchronization, time, or both.',
  }),
  fn('aclrtCreateEventExWithFlag', [newEvent(), val('uint32_t', 'flag')], {
    class: 'create',
    remote: 'remote/events.c',
    doc: 'Makes an event that takes no reset and no query of its waits.',
  }),
  fn('aclrtDestroyEvent', [event()], {
    class: 'destroy',
    custom: 'api/event.c',
    remote: 'remote/events.c',
    doc: 'Ends an event.',
  }),
  fn('aclrtRecordEvent', [event(), stream()], {
    class: 'async',
    op: { opClass: 'EVENT_RECORD', syncObject: 'event' },
    doc: 'The event completes when the stream has come this far.',
  }),
  fn('aclrtResetEvent', [event(), stream()], {
    class: 'async',
    op: { opClass: 'EVENT_RESET', syncObject: 'event' },
    remote: 'remote/events.c',
    doc: 'The event is not complete again from here on.',
  }),
  fn('aclrtQueryEvent', [event(), output('aclrtEventStatus *', 'status')], {
    class: 'query',
    custom: 'api/event.c',
    doc: 'Whether an event is complete (older form).',
  }),
  fn('aclrtQueryEventStatus', [event(), output('aclrtEventRecordedStatus *', 'status')], {
    class: 'query',
    custom: 'api/event.c',
    doc: 'Whether the latest record of an event is complete.',
  }),
  fn('aclrtQueryEventWaitStatus', [event(), output('aclrtEventWaitStatus *', 'status')], {
    class: 'query',
    custom: 'api/event.c',
    doc: 'Whether the waits for an event are complete.',
  }),
  fn('aclrtSynchronizeEvent', [event()], { class: 'sync', custom: 'api/event.c', doc: 'Waits for an event.' }),
  fn('aclrtSynchronizeEventWithTimeout', [event(), val('int32_t', 'timeout')], {
    class: 'sync',
    custom: 'api/event.c',
    doc: 'Waits for an event, -1 or milliseconds.',
  }),
  fn(
    'aclrtEventElapsedTime',
    [
      output('float *', 'ms'),
      val('aclrtEvent', 'startEvent', { handle: 'event' }),
      val('aclrtEvent', 'endEvent', { handle: 'event' }),
    ],
    { class: 'query', custom: 'api/event.c', doc: 'Device time between two records, in milliseconds.' },
  ),
  fn('aclrtEventGetTimestamp', [event(), output('uint64_t *', 'timestamp')], {
    class: 'query',
    custom: 'api/event.c',
    doc: 'Device time of a record, in microseconds.',
  }),
]
