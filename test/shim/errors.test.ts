/**
 * What goes wrong: wrong calls give the codes that AscendCL gives, at the call where it can be known; what can only be
 * known later comes at the synchronization. Wrong settings and a missing library are said, and never crash a program.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { path } from '../../tools/build/steps.ts'
import { direct, policies, preloaded } from './run.ts'
import { holdingShim, workshop, type Workshop } from './workshop.ts'

let w: Workshop
let holding: string
let folder: string

beforeAll(async () => {
  w = await workshop('native')
  holding = await holdingShim('native')
  folder = mkdtempSync(join(tmpdir(), 'flexnpu-errors-'))
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('wrong calls', () => {
  const args = () => [w.kernels, path('package.json')]
  for (const policy of policies)
    it(`have the same codes under ${policy}`, async () => {
      const alone = await direct(w, 'errors', { args: args() })
      const under = await preloaded(w, 'errors', { args: args(), env: { FLEXNPU_POLICY: policy } })
      expect(alone.end).toBe(0)
      expect({ ...under, stats: undefined }).toEqual({ ...alone, stats: undefined })
    })

  it('have the same codes where nothing goes the short way', async () => {
    const alone = await direct(w, 'errors', { args: args() })
    for (const seed of [1, 2, 3, 4]) {
      const env = { FLEXNPU_POLICY_PARAMS: `${seed},0,900` }
      const under = await preloaded(w, 'errors', { args: args(), shim: holding, env })
      expect({ ...under, stats: undefined }).toEqual({ ...alone, stats: undefined })
    }
  })

  it('an error of a held launch comes at once, behind a host function too', async () => {
    const env = { FLEXNPU_POLICY_PARAMS: '1,0,1000' }
    for (const which of [[w.kernels], [w.kernels, 'behind']]) {
      const alone = await direct(w, 'late_error', { args: which })
      expect(alone).toMatchObject({ end: 0, stdout: 'launch 107017, synchronize 0, again 0\n' })
      expect(await preloaded(w, 'late_error', { shim: holding, env, args: which })).toMatchObject(alone)
    }
  })

  it('a refused allocation is out of device memory', async () => {
    const env = { FLEXNPU_POLICY_PARAMS: '1,0,0,1000' }
    const under = await preloaded(w, 'linked', { shim: holding, env })
    expect(under.end).toBe(0)
    const refused = await preloaded(w, 'linked', { shim: holding, env: { FLEXNPU_POLICY_PARAMS: '1,0,0,100' } })
    expect(refused.end).toBe(1)
    expect(refused.stderr).toContain('gave 207018')
  })
})

describe('settings', () => {
  const wrong: [string, Record<string, string>, string][] = [
    ['policy', { FLEXNPU_POLICY: 'fastest' }, 'FLEXNPU_POLICY=fastest is no policy; dynamic-pd is used'],
    ['parameter', { FLEXNPU_POLICY_PARAMS: '1,two' }, 'FLEXNPU_POLICY_PARAMS=1,two: parameter 1 is no number'],
    ['negative parameter', { FLEXNPU_POLICY_PARAMS: '-5' }, 'FLEXNPU_POLICY_PARAMS=-5: parameter 0 is no number'],
    ['fifth parameter', { FLEXNPU_POLICY_PARAMS: '0,0,0,0,5' }, 'FLEXNPU_POLICY_PARAMS=0,0,0,0,5'],
    ['role', { FLEXNPU_ROLE: 'both' }, 'FLEXNPU_ROLE=both is neither prefill nor decode'],
    [
      'recording',
      { FLEXNPU_RECORD: '/nowhere/at/all.flexlog' },
      'FLEXNPU_RECORD=/nowhere/at/all.flexlog cannot be written',
    ],
  ]
  for (const [name, env, message] of wrong)
    it(`a wrong ${name} is a fault and its default is taken`, async () => {
      const under = await preloaded(w, 'linked', { env })
      expect(under).toMatchObject({ end: 0, stdout: (await direct(w, 'linked')).stdout, stats: { faults: 1 } })
      expect(under.stats!.fault_messages[0]).toContain(message)
    })

  it('empty variables are no settings', async () => {
    const env = { FLEXNPU_POLICY: '', FLEXNPU_POLICY_PARAMS: '', FLEXNPU_ROLE: '', FLEXNPU_RECORD: '' }
    expect(await preloaded(w, 'linked', { env })).toMatchObject({ end: 0, stats: { faults: 0 } })
  })

  it('statistics that cannot be written do no harm', async () => {
    const under = await preloaded(w, 'linked', { env: { FLEXNPU_STATS: '/nowhere/at/all.json' } })
    expect(under).toMatchObject({ end: 0, stderr: '' })
  })
})

describe('the real library', () => {
  it('missing: every call is an error that says so, none crashes', async () => {
    const env = { FLEXNPU_REAL: folder, LD_LIBRARY_PATH: `${w.shim}/dropin` }
    const under = await preloaded(w, 'looked_up', { env })
    expect(under).toMatchObject({ end: 1, stderr: 'aclInit gave 207000\n' })
    expect(under.stats!.fault_messages.join('\n')).toContain(`FLEXNPU_REAL=${folder} holds no real libascendcl.so`)
    expect(under.stats!.missing.aclInit).toBe(1)
  })

  it('missing: the program of wrong calls goes through all of them', async () => {
    const env = { FLEXNPU_REAL: folder, LD_LIBRARY_PATH: `${w.shim}/dropin` }
    const under = await preloaded(w, 'errors', { args: [w.kernels, path('package.json')], env })
    expect(under.end).toBe(1) /* the first call that has to succeed does not */
    expect(under.stdout).toContain('aclInit(NULL): 207000')
  })

  it('a file that is no library: said', async () => {
    const env = { FLEXNPU_REAL: path('package.json'), LD_LIBRARY_PATH: `${w.shim}/dropin` }
    const under = await preloaded(w, 'looked_up', { env })
    expect(under.end).toBe(1)
    expect(under.stats!.fault_messages.join('\n')).toContain('package.json cannot be opened')
  })

  it('named by its file', async () => {
    const under = await preloaded(w, 'linked', { env: { FLEXNPU_REAL: `${w.sim}/libascendcl.so` } })
    expect(under).toMatchObject({ end: 0, stats: { faults: 0 } })
  })

  it('not named: a linked program has brought it', async () => {
    const under = await preloaded(w, 'linked', { env: { FLEXNPU_REAL: '' } })
    expect(under).toMatchObject({ end: 0, stats: { faults: 0 } })
  })
})
