/** Every benchmark and the demonstration, for a moment each, so that none rots: they run, and print the keys they promise. */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildAll } from '../../tools/build/all.ts'
import { npmProgram, path } from '../../tools/build/steps.ts'

const folder = mkdtempSync(join(tmpdir(), 'flexnpu-bench-test-'))
beforeAll(buildAll)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function script(file: string, args: string[]) {
  return spawnSync(npmProgram('tsx'), [path('bench', file), ...args], { encoding: 'utf8', cwd: folder })
}

const json = (text: string): Record<string, unknown> => JSON.parse(text) as Record<string, unknown>
const streams = ['1', '64', '1024', '4096']

describe('benchmarks', () => {
  it('inproc', () => {
    const { stdout, status, stderr } = script('inproc/main.ts', ['--quick', '--json'])
    expect(status, stderr).toBe(0)
    const keys = ['direct_ns', 'passthrough_added_ns', 'fastpath_added_ns', 'queued_added_ns']
    const result = json(stdout)
    expect(Object.keys(result)).toEqual([...keys, 'threads4'])
    expect(Object.keys(result['threads4'] as object)).toEqual(keys)
  })

  it('core', () => {
    const { stdout, status, stderr } = script('core/main.ts', ['--quick', '--json'])
    expect(status, stderr).toBe(0)
    const result = json(stdout)
    expect(Object.keys(result['v8'] as object)).toEqual(streams)
    expect(Object.keys(result['wasm2c'] as object)).toEqual(streams)
  })

  it('daemon', () => {
    const { stdout, status, stderr } = script('daemon/main.ts', ['--quick', '--json'])
    expect(status, stderr).toBe(0)
    const result = json(stdout)
    const keys = ['sync_p50_us', 'sync_p99_us', 'async_ns', 'memcpy_ratio', 'step_overhead_pct', 'clients']
    expect(Object.keys(result)).toEqual(expect.arrayContaining(keys))
    expect(Object.keys(result['clients'] as object)).toEqual(['1', '8', '64'])
  })

  it('e1', () => {
    const { stdout, status, stderr } = script('e1/main.ts', ['--quick', '--json'])
    expect(status, stderr).toBe(0)
    expect(Object.keys(json(stdout))).toEqual(['direct_tok_s', 'inproc_tok_s', 'daemon_tok_s'])
  })

  it('replay', () => {
    const { stdout, status, stderr } = script('replay/main.ts', ['--quick', '--json'])
    expect(status, stderr).toBe(0)
    const result = json(stdout)
    const keys = ['node_events_s', 'browser_events_s', 'load_10m_s', 'frame_p95_ms', 'seek_p95_ms', 'bundle_gz_kb']
    expect(Object.keys(result)).toEqual(expect.arrayContaining(keys))
    expect(result['bundle_gz_kb']).toBeLessThan(80)
  })

  it('split', () => {
    const { stdout, status, stderr } = script('split/main.ts', ['--quick', '--json'])
    expect(status, stderr).toBe(0)
    expect(Object.keys(json(stdout))).toEqual(['direct', 'static', 'dynamic'])
  })
})

describe('demo', () => {
  it('runs three times, computes the same bytes, and its recording replays without a difference', () => {
    const record = join(folder, 'demo.flexlog')
    const { stdout, status, stderr } = script('demo/main.ts', [
      '--seconds',
      '4',
      '--rate',
      '4',
      '--record',
      record,
      '--json',
    ])
    expect(status, stderr).toBe(0)
    const result = JSON.parse(stdout) as {
      runs: Record<string, { serve: { checksum: string; requests: number; completed: number } }>
      replay: { differences: number; decisions: number }
    }
    expect(Object.keys(result.runs)).toEqual(['direct', 'static-split', 'dynamic-pd'])
    const direct = result.runs['direct']!.serve
    expect(direct.requests).toBeGreaterThan(3)
    for (const { serve } of Object.values(result.runs)) {
      expect(serve.completed).toBe(direct.requests)
      expect(serve.checksum).toBe(direct.checksum)
    }
    expect(result.replay.decisions).toBeGreaterThan(0)
    expect(result.replay.differences).toBe(0)
    expect(existsSync(record)).toBe(true)
  })

  it('says which row of a trace is bad, and leaves nothing behind', () => {
    const trace = join(folder, 'bad.csv')
    const record = join(folder, 'none.flexlog')
    writeFileSync(trace, 'TIMESTAMP,ContextTokens,GeneratedTokens\n2023-11-16 18:17:03.0,10,x\n')
    const before = readdirSync(tmpdir()).filter((name) => name.startsWith('flexnpu-demo-'))
    const { status, stderr } = script('demo/main.ts', ['--trace', trace, '--record', record])
    expect(status).toBe(2)
    expect(stderr).toContain(`${trace}:2: the row cannot be read`)
    expect(existsSync(record)).toBe(false)
    expect(readdirSync(tmpdir()).filter((name) => name.startsWith('flexnpu-demo-'))).toEqual(before)
  })
})
