/** The worker's front door: takes the page's questions, one session at a time. */
import type { Message, Reply } from './protocol.ts'
import { Session, type Post } from './session.ts'

/** This file runs in a worker; the types of the page are all that TypeScript is told. */
const port = globalThis as unknown as {
  postMessage(reply: Reply, transfer: ArrayBuffer[]): void
  addEventListener(type: 'message', listener: (event: MessageEvent<Message>) => void): void
}

let session: Session | undefined
const post: Post = (reply, transfer = []) => port.postMessage(reply, transfer)

async function take(message: Message): Promise<unknown> {
  if (message.ask === 'open') {
    session?.end()
    const opened = new Session(message.options, (reply, transfer) => {
      if (session === opened) post(reply, transfer)
    })
    session = opened
    return opened.read()
  }
  if (session === undefined) throw new Error('no recording is open')
  return session.answer(message)
}

/** Begins to listen. */
export function startWorker(): void {
  port.addEventListener('message', ({ data }) => {
    take(data).then(
      (answer) => post({ id: data.id, answer }),
      (error: unknown) => {
        const { name, message } = error instanceof Error ? error : { name: 'Error', message: String(error) }
        post({ id: data.id, error: message, name })
      },
    )
  })
}
