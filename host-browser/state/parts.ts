/**
 * Parts of the page that lie beside it and are loaded when they are first needed. A part is one classic script that hands
 * its name and a function to flexnpuPart(); a worker can run its text. So it loads from file://, too.
 */

const kept = new Map<string, Promise<() => void>>()
const waiting = new Map<string, (its: () => void) => void>()

/** What a part does; its text, toString(), is what a worker runs. Rejects with an Error for people. */
export function part(name: string): Promise<() => void> {
  let its = kept.get(name)
  if (its === undefined) kept.set(name, (its = loaded(name)))
  return its
}

function loaded(name: string): Promise<() => void> {
  return new Promise((resolve, reject) => {
    waiting.set(name, resolve)
    Object.assign(globalThis, { flexnpuPart: (its: string, run: () => void) => waiting.get(its)?.(run) })
    const script = document.createElement('script')
    script.src = new URL(name, document.baseURI).href
    script.addEventListener('error', () => {
      kept.delete(name)
      reject(new Error(`${name} cannot be had: it has to lie beside the page`))
    })
    document.head.append(script)
  })
}
