/** WebAssembly to C: wasm2c of the npm package wabt, and what we change in its output. */
import { readFileSync, writeFileSync } from 'node:fs'
import { npmProgram, run } from './steps.ts'

/** Bytes of a page of WebAssembly memory. */
const PAGE_BYTES = 65_536

/** Replaces `from` wherever it stands; an error where it does not: wasm2c is not the version we know. */
function replaceAll(text: string, from: string, to: string): string {
  if (!text.includes(from)) throw new Error(`wasm2c's output has no «${from.trim()}»: is wabt another version?`)
  return text.replaceAll(from, to)
}

/**
 * Writes `c` and its header from a module whose memory has `pages` pages for good. Bounds become constants (see
 * WASM_RT_FIXED_BYTES in wasm-rt.h), loads whose value nobody wants may go (wasm2c keeps them for runtimes that find a
 * bad address by its fault, and ours checks it), and an access is never a call, which a compiler makes of it in functions
 * that it finds large.
 */
export async function fixedMemoryC(wasm: string, name: string, pages: number, c: string): Promise<void> {
  await run(npmProgram('wasm2c'), [wasm, '-n', name, '-o', c])
  let text = readFileSync(c, 'utf8')
  text = replaceAll(text, '#define WASM_RT_CHECK_BASE(mem)\n', '')
  text = replaceAll(text, '#define FORCE_READ_INT(var) __asm__("" ::"r"(var));', '#define FORCE_READ_INT(var)')
  for (const returned of ['return_type name##_default32', 't3 name##_unchecked', 'void name##_unchecked'])
    text = replaceAll(text, `static inline ${returned}`, `static inline __attribute__((always_inline)) ${returned}`)
  writeFileSync(c, text)
  const header = c.replace(/\.c$/, '.h')
  const fixed = `#define WASM_RT_FIXED_BYTES ${pages * PAGE_BYTES}u\n#include "wasm-rt.h"\n`
  writeFileSync(header, replaceAll(readFileSync(header, 'utf8'), '#include "wasm-rt.h"\n', fixed))
}
