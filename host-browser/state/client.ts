/** The page's side of the worker: questions with one answer each, and notices while a recording is read. */
import type { Answers, Message, Reply, Request } from '../worker/protocol.ts'
import ReplayWorker from '../worker/worker.ts?worker&inline'

export type Notice = Extract<Reply, { notice: string }>

/** Leaves out what Client adds, of each kind of question apart. */
type Waiting = { resolve: (answer: never) => void; reject: (error: Error) => void }

export class Client {
  readonly #worker = new ReplayWorker()
  readonly #waiting = new Map<number, Waiting>()
  #next = 1

  constructor(notice: (notice: Notice) => void) {
    this.#worker.addEventListener('message', ({ data }: MessageEvent<Reply>) => {
      if ('notice' in data) {
        notice(data)
        return
      }
      const waiting = this.#waiting.get(data.id)
      this.#waiting.delete(data.id)
      if ('error' in data) waiting?.reject(Object.assign(new Error(data.error), { name: data.name }))
      else waiting?.resolve(data.answer as never)
    })
  }

  /** Rejects with an Error whose message is meant for people. */
  ask<K extends keyof Answers>(request: Extract<Request, { ask: K }>): Promise<Answers[K]> {
    const id = this.#next++
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject })
      this.#worker.postMessage({ ...request, id } as Message)
    })
  }
}
