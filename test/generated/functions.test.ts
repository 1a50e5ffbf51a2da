/**
 * Nothing stands in spec/ only: a shared library links with symbols that nobody defines, and fails when a program loads
 * it. And no function with a stream goes around its queue: that would reorder the work of the application.
 */
import { readFileSync } from 'node:fs'
import { relative } from 'node:path'
import { describe, expect, test } from 'vitest'
import { api } from '../../spec/api/index.ts'
import type { ApiFunction, Arg } from '../../spec/types.ts'
import { simLibraries } from '../../tools/emit/sim.ts'
import { filesBelow, path } from '../../tools/build/steps.ts'

interface Definition {
  file: string
  body: string
}

/** The text of a C file without its comments. */
const code = (file: string): string => readFileSync(file, 'utf8').replaceAll(/\/\*[^]*?\*\//g, ' ')

/** Every function that begins at the start of a line in C files below a folder, by name; all definitions of it. */
function definitions(folder: string): Map<string, Definition[]> {
  const found = new Map<string, Definition[]>()
  for (const file of filesBelow(folder).filter((f) => f.endsWith('.c'))) {
    for (const [, name = '', line, block] of code(file).matchAll(
      /^[A-Za-z][\w \t*]*?\b(\w+)\((?:[^;{}()]|\([^;{}()]*\))*\)\s*\{(?:([^\n]*)\}$|([^]*?)^\})/gm,
    )) {
      const list = found.get(name) ?? []
      list.push({ file: relative(folder, file), body: line ?? block ?? '' })
      found.set(name, list)
    }
  }
  return found
}

const shim = definitions(path('host-shim'))
const wrappers = definitions(path('build', 'gen', 'shim'))
const sim = definitions(path('npu-sim', 'acl'))
const custom = api.filter((f) => f.custom !== undefined)
const generated = api.filter((f) => f.custom === undefined)
const filesOf = (where: Map<string, Definition[]>, name: string): string[] => (where.get(name) ?? []).map((d) => d.file)

const number = (name: string): number => api.find((f) => f.name === name)!.id
const byNumber = (a: string, b: string): number => number(a) - number(b)
const isStream = (a: Arg): boolean => a.type === 'aclrtStream' || a.type === 'rtStream_t'

describe('the interposer', () => {
  test('what spec/ calls hand-written is, in the file it names and nowhere else', () => {
    const found = custom.map((f) => [f.name, [...filesOf(shim, f.name), ...filesOf(wrappers, f.name)]])
    expect(Object.fromEntries(found)).toEqual(Object.fromEntries(custom.map((f) => [f.name, [f.custom]])))
  })

  test('what is not written by hand is generated, once', () => {
    const wrong = generated.filter((f) => filesOf(wrappers, f.name).join() !== 'wrappers.c')
    expect(wrong.map((f) => f.name)).toEqual([])
  })

  test('no hand-written wrapper is unknown to spec/', () => {
    const known = new Set(custom.map((f) => f.name))
    expect(
      [...shim.keys()].filter(
        (name) => /^(acl[A-Z]|acl(rt|mdl|nn|tdt|prof|op|blas)|rt[A-Z]|Hccl[A-Z])/.test(name) && !known.has(name),
      ),
    ).toEqual([])
  })

  test('every held operator can run later', () => {
    const held = api.filter((f) => f.class === 'async')
    const runs = (f: ApiFunction): string[] => [
      ...filesOf(shim, `exec_${f.name}`),
      ...filesOf(wrappers, `exec_${f.name}`),
    ]
    expect(held.length).toBeGreaterThan(0)
    for (const f of held) expect(runs(f), `definitions of exec_${f.name}`).toHaveLength(1)
  })
})

describe('the simulator', () => {
  const standIns = definitions(path('build', 'gen', 'sim'))

  test('has every function: by hand, at most once, or a stand-in that says that it is not simulated', () => {
    const own = api.filter((f) => !simLibraries.includes(f.library)).map((f) => `sim_${f.name}`)
    expect(own.filter((name) => filesOf(sim, name).length > 1)).toEqual([])
    expect(own.filter((name) => filesOf(standIns, name).join() !== 'stand_ins.c')).toEqual([])
    const known = new Set(own)
    expect(
      [...sim.keys()].filter((name) => /^sim_acl[A-Z]|^sim_acl(rt|mdl|op|tdt|prof)/.test(name) && !known.has(name)),
    ).toEqual([])
  })

  test.each(simLibraries)('%s has its functions', (library) => {
    const file = `${library.replace('.so', '')}.c`
    const missing = api.filter((f) => f.library === library && !filesOf(standIns, f.name).includes(file))
    expect(missing.map((f) => f.name)).toEqual([])
  })
})

describe('streams', () => {
  /** They read what was fixed when the stream was made, or what only begin and end of a capture change. */
  const askOnly = [
    'aclrtStreamGetPriority',
    'aclrtStreamGetId',
    'aclmdlRICaptureGetInfo',
    'aclrtStreamGetFlags',
    'aclrtAllocatorGetByStream',
  ]
  const withStream = api.filter((f) => f.args.some(isStream))

  const body = (f: ApiFunction): string =>
    [...(shim.get(f.name) ?? []), ...(wrappers.get(f.name) ?? [])].map((d) => d.body).join('\n')

  /** Where a body first looks a stream up, and where it first makes the real call that is no pass-through from below. */
  const looked = (f: ApiFunction): number => body(f).search(/\bfx_stream_\w+\(\w*([sS]tream|stm)\b/)
  const called = (f: ApiFunction): number =>
    body(f)
      .replaceAll(/if \(FX_FROM_BELOW\(\)\) return[^;]*;/g, (text) => ' '.repeat(text.length))
      .indexOf(`fx_real.${f.name}(`)

  test('are looked up before the real function sees them', () => {
    const around = withStream.filter((f) => looked(f) < 0 || looked(f) > called(f))
    /* It speaks of what the device runs at this moment: what is queued is not meant. */
    expect(around.map((f) => f.name)).toEqual([...askOnly, 'aclrtStreamStop'].toSorted(byNumber))
    for (const name of askOnly) expect(api.find((f) => f.name === name)?.class).toBe('query')
  })

  test('are marked as such', () => {
    const unmarked = api.filter((f) =>
      f.args.some((a) => /^(aclrtStream|rtStream_t)( \*)?$/.test(a.type) !== (a.handle === 'stream')),
    )
    expect(unmarked.map((f) => f.name)).toEqual([])
  })

  test('an asynchronous function has a stream and says what it is to the core; no other does', () => {
    for (const f of api) expect(f.op !== undefined, f.name).toBe(f.class === 'async')
    for (const f of api.filter((x) => x.class === 'async' || x.class === 'sync-stream'))
      expect(f.args.some(isStream), f.name).toBe(true)
  })
})
