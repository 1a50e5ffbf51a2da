/** What processes share on one device: events, device memory by key, physical memory by handle. */
import { fn, input, output, val, type ApiDraft } from '../types.ts'

const key = () => input('const char *', 'key', { text: true })
const pids = (count: string) => input('int32_t *', 'pid', { bytes: `${count} * sizeof(int32_t)` })
const shareable = () => val('uint64_t', 'shareableHandle')

const drafts: ApiDraft[] = [
  fn('aclrtDeviceGetBareTgid', [output('int32_t *', 'pid')], {
    class: 'query',
    doc: 'Number of the process, by which others allow it their memory.',
  }),
  fn(
    'aclrtIpcGetEventHandle',
    [val('aclrtEvent', 'event', { handle: 'event' }), output('aclrtIpcEventHandle *', 'handle')],
    { class: 'host', doc: 'A handle by which other processes open the event.' },
  ),
  fn(
    'aclrtIpcOpenEventHandle',
    [val('aclrtIpcEventHandle', 'handle'), output('aclrtEvent *', 'event', { handle: 'event' })],
    { class: 'create', doc: 'Opens an event of another process.' },
  ),
  fn(
    'aclrtIpcMemGetExportKey',
    [
      val('void *', 'devPtr', { handle: 'device-ptr' }),
      val('size_t', 'size'),
      output('char *', 'key', { bytes: 'len' }),
      val('size_t', 'len'),
      val('uint64_t', 'flags'),
    ],
    { class: 'host', doc: 'A key by which other processes map device memory of this one.' },
  ),
  fn('aclrtIpcMemSetImportPid', [key(), pids('num'), val('size_t', 'num')], {
    class: 'host',
    doc: 'Processes that may use a key.',
  }),
  fn(
    'aclrtIpcMemImportByKey',
    [output('void **', 'devPtr', { handle: 'device-ptr' }), key(), val('uint64_t', 'flags')],
    { class: 'create', doc: 'Maps device memory of another process.' },
  ),
  fn('aclrtIpcMemClose', [key()], { class: 'destroy', doc: 'Ends the sharing under a key in this process.' }),
  fn(
    'aclrtMemExportToShareableHandle',
    [
      val('aclrtDrvMemHandle', 'handle', { handle: 'phys-mem' }),
      val('aclrtMemHandleType', 'handleType'),
      val('uint64_t', 'flags'),
      output('uint64_t *', 'shareableHandle'),
    ],
    { class: 'host', doc: 'A number by which other processes use physical device memory of this one.' },
  ),
  fn('aclrtMemSetPidToShareableHandle', [shareable(), pids('pidNum'), val('size_t', 'pidNum')], {
    class: 'host',
    doc: 'Processes that may use the number of physical memory.',
  }),
  fn(
    'aclrtMemImportFromShareableHandle',
    [shareable(), val('int32_t', 'deviceId'), output('aclrtDrvMemHandle *', 'handle', { handle: 'phys-mem' })],
    { class: 'create', doc: 'Physical device memory of another process.' },
  ),
]

/** A daemon's clients share by keys and handles of the daemon's, not of the real library's. */
export const ipcFunctions: ApiDraft[] = drafts.map((draft) => Object.assign(draft, { remote: 'remote/ipc.c' }))
