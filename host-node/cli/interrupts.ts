/** SIGINT, SIGTERM and SIGHUP as an AbortSignal, so that a command that runs until then can clean up. */
export function collectSignals(): { signal: AbortSignal; stop: () => void; done: () => void } {
  const controller = new AbortController()
  const stop = (): void => controller.abort()
  const names = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  for (const name of names) process.on(name, stop)
  const done = (): void => {
    for (const name of names) process.off(name, stop)
  }
  return { signal: controller.signal, stop, done }
}
