/**
 * The serving program by itself, on the simulated NPU at full speed: it understands the traces, gives every request its
 * tokens, computes the same bytes every time, and says clearly what is wrong with its input.
 */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildAll } from '../../tools/build/all.ts'
import { path } from '../../tools/build/steps.ts'
import type { ServeResult } from '../../bench/serving/serve.ts'

const sim = path('build', 'npu-sim')
const kernels = join(sim, 'kernels', 'qwen25.o')
const folder = mkdtempSync(join(tmpdir(), 'flexnpu-serve-test-'))

beforeAll(buildAll)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function serve(trace: string, args: string[] = [], kernelFile = kernels, env: Record<string, string> = {}) {
  const file = join(folder, 'trace')
  writeFileSync(file, trace)
  const result = spawnSync(path('build', 'bench', 'llm-serve'), ['--trace', file, '--kernels', kernelFile, ...args], {
    env: { LD_LIBRARY_PATH: sim, FLEXNPU_SIM_SPEED: 'max', ...env },
    encoding: 'utf8',
    cwd: folder,
  })
  return { ...result, file }
}

/** A name that no other simulated machine has. */
const machine = (): string => `llm-serve-test-${process.pid}-${Math.random().toString(36).slice(2)}`

const azure = (rows: string[]): string => ['TIMESTAMP,ContextTokens,GeneratedTokens', ...rows, ''].join('\n')
const three = azure([
  '2023-11-16 18:17:03.9799600,4808,10',
  '2023-11-16 18:17:03.9819600,300,1',
  '2023-11-16 18:17:03.9919600,20,40',
])

describe('serving', () => {
  it('gives every request its tokens', () => {
    const { stdout, status, stderr } = serve(three)
    expect(stderr).toBe('')
    expect(status).toBe(0)
    const result = JSON.parse(stdout) as ServeResult
    expect(result).toMatchObject({ requests: 3, completed: 3, prompt_tokens: 5128, output_tokens: 51 })
  })

  it('computes the same bytes whatever the batching', () => {
    const checksum = (args: string[]): string => (JSON.parse(serve(three, args).stdout) as ServeResult).checksum
    const first = checksum([])
    expect(checksum([])).toBe(first)
    expect(checksum(['--max-prefill-tokens', '512'])).toBe(first)
    expect(checksum(['--max-batch', '1'])).toBe(first)
  })

  it('computes other bytes for other requests', () => {
    const other = three.replace(',20,40', ',21,40')
    expect((JSON.parse(serve(other).stdout) as ServeResult).checksum).not.toBe(
      (JSON.parse(serve(three).stdout) as ServeResult).checksum,
    )
  })

  it('reads ServeGen and Mooncake traces', () => {
    const servegen = 'arrival_s,input_tokens,output_tokens,reason_ratio\n0.0,48,5,0.912\n0.0007,357,4,0.628\n'
    expect(JSON.parse(serve(servegen).stdout)).toMatchObject({ prompt_tokens: 405, output_tokens: 9 })
    const mooncake = '{"timestamp": 0, "input_length": 100, "output_length": 3, "hash_ids": [0]}\n'
    expect(JSON.parse(serve(mooncake).stdout)).toMatchObject({ prompt_tokens: 100, output_tokens: 3 })
  })

  it('takes only the first seconds where asked', () => {
    const trace = azure(['2023-11-16 18:17:03.0,10,1', '2023-11-16 18:17:04.9,10,1', '2023-11-16 18:17:06.0,10,1'])
    expect(JSON.parse(serve(trace, ['--seconds', '2', '--rate', '100']).stdout)).toMatchObject({ requests: 2 })
  })
})

describe('two processes', () => {
  const apart = ['--processes', '2']

  it('compute the same bytes as one', () => {
    const env = { FLEXNPU_SIM_MACHINE: machine() }
    const { stdout, stderr, status } = serve(three, apart, kernels, env)
    expect(status, stderr).toBe(0)
    const one = JSON.parse(serve(three).stdout) as ServeResult
    const { requests, completed, prompt_tokens, output_tokens, checksum } = one
    expect(JSON.parse(stdout)).toMatchObject({ requests, completed, prompt_tokens, output_tokens, checksum })
  })

  it('end together where one is killed', async () => {
    const file = join(folder, 'trace')
    writeFileSync(file, azure(['2023-11-16 18:17:03.0,300,30000']))
    const env = { LD_LIBRARY_PATH: sim, FLEXNPU_SIM_SPEED: '1', FLEXNPU_SIM_MACHINE: machine() }
    const args = ['--trace', file, '--kernels', kernels, ...apart, '--progress']
    const parent = spawn(path('build', 'bench', 'llm-serve'), args, { env, cwd: folder })
    let said = ''
    parent.stderr.on('data', (text: Buffer) => (said += text.toString()))
    await once(parent.stderr, 'data') // requests arrive: both are at work
    const child = Number(readFileSync(`/proc/${parent.pid}/task/${parent.pid}/children`, 'utf8'))
    process.kill(child, 'SIGKILL')
    expect(await once(parent, 'exit')).toEqual([1, null])
    expect(said).toContain('the prefill process was ended by signal 9')
  })
})

describe('bad input', () => {
  const bad: [string, string, RegExp][] = [
    ['a row that cannot be read', azure(['2023-11-16 18:17:03.0,10,1', 'nonsense']), /:3: the row cannot be read/],
    ['a negative token count', azure(['2023-11-16 18:17:03.0,-5,1']), /:2: token counts/],
    ['time that runs backward', azure(['2023-11-16 18:17:03.0,10,1', '2023-11-16 18:17:02.0,10,1']), /:3: arrivals/],
    ['a foreign format', 'hello\n', /:1: no known trace format/],
    ['no request', azure([]), /has no request/],
  ]
  it.each(bad)('%s: file and line, exit code 2', (_name, trace, message) => {
    const { status, stderr, file, stdout } = serve(trace)
    expect(status).toBe(2)
    expect(stderr).toContain(file)
    expect(stderr).toMatch(message)
    expect(stdout).toBe('')
  })

  it('a kernel binary that is none: its path and what AscendCL says, exit code 2', () => {
    const none = join(folder, 'none.o')
    writeFileSync(none, 'no kernel')
    const { status, stderr } = serve(three, [], none)
    expect(status).toBe(2)
    expect(stderr).toContain(none)
    expect(stderr).toMatch(/AscendCL error \d+/)
  })

  it('options that make no sense', () => {
    expect(serve(three, ['--rate', 'fast'])).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('--rate fast'),
    })
    expect(serve(three, ['--nonsense']).status).toBe(2)
  })

  it('leaves nothing behind', () => {
    expect(readdirSync(folder).filter((name) => name !== 'trace' && name !== 'none.o')).toEqual([])
  })
})
