/** The page's side of the worker: questions with one answer each, and notices while a recording is read. */
import type { Answers, Message, Reply, Request } from '../worker/protocol.ts'

/** The text of this script, which lies in the page: it is the worker's, too (main.ts). Known only while it first runs. */
const script = typeof document === 'undefined' ? '' : (document.currentScript?.textContent ?? '')

function startWorker(): Worker {
  const url = URL.createObjectURL(new Blob([script], { type: 'text/javascript' }))
  const worker = new Worker(url)
  URL.revokeObjectURL(url)
  return worker
}

export type Notice = Extract<Reply, { notice: string }>

/** Leaves out what Client adds, of each kind of question apart. */
type Waiting = { resolve: (answer: never) => void; reject: (error: Error) => void }

export class Client {
  #worker: Worker | undefined
  readonly #notice: (notice: Notice) => void
  readonly #waiting = new Map<number, Waiting>()
  #next = 1

  constructor(notice: (notice: Notice) => void) {
    this.#notice = notice
  }

  /** Rejects with an Error whose message is meant for people. */
  ask<K extends keyof Answers>(request: Extract<Request, { ask: K }>): Promise<Answers[K]> {
    const id = this.#next++
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject })
      this.#worker ??= this.#started()
      this.#worker.postMessage({ ...request, id } as Message, [])
    })
  }

  #started(): Worker {
    const worker = startWorker()
    worker.addEventListener('message', ({ data }: MessageEvent<Reply>) => {
      if ('notice' in data) {
        this.#notice(data)
        return
      }
      const waiting = this.#waiting.get(data.id)
      this.#waiting.delete(data.id)
      if ('error' in data) waiting?.reject(Object.assign(new Error(data.error), { name: data.name }))
      else waiting?.resolve(data.answer as never)
    })
    return worker
  }
}
