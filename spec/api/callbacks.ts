/** Functions of the program that run in a stream's order, and the threads that run them. */
import { fn, stream, val, type ApiDraft } from '../types.ts'

const thread = () => val('uint64_t', 'threadId')

export const callbackFunctions: ApiDraft[] = [
  fn('aclrtSubscribeReport', [thread(), stream()], {
    class: 'host',
    custom: 'api/callbacks.c',
    remote: 'remote/callbacks.c',
    doc: 'The thread (pthread_self) runs the callbacks of the stream, in aclrtProcessReport.',
  }),
  fn('aclrtUnSubscribeReport', [thread(), stream()], {
    class: 'host',
    custom: 'api/callbacks.c',
    remote: 'remote/callbacks.c',
    doc: 'The thread runs the callbacks of the stream no more.',
  }),
  fn('aclrtProcessReport', [val('int32_t', 'timeout')], {
    class: 'host',
    remote: 'remote/callbacks.c',
    doc: 'Waits, -1 or milliseconds, for a callback of the streams of the calling thread, and runs it.',
  }),
  fn(
    'aclrtLaunchCallback',
    [
      val('aclrtCallback', 'fn', { handle: 'host-function' }),
      val('void *', 'userData', { handle: 'host-ptr', nullable: true }),
      val('aclrtCallbackBlockType', 'blockType'),
      stream(),
    ],
    {
      class: 'async',
      op: { opClass: 'CALLBACK' },
      custom: 'api/callbacks.c',
      remote: 'remote/callbacks.c',
      doc: 'A function for the thread of the stream; the stream goes on when it was called, or when it has returned.',
    },
  ),
  fn(
    'aclrtLaunchHostFunc',
    [
      stream(),
      val('aclrtHostFunc', 'fn', { handle: 'host-function' }),
      val('void *', 'args', { handle: 'host-ptr', nullable: true }),
    ],
    {
      class: 'async',
      op: { opClass: 'CALLBACK' },
      custom: 'api/callbacks.c',
      remote: 'remote/callbacks.c',
      doc: 'A function for a thread of the library; the stream goes on when it has returned.',
    },
  ),
]
