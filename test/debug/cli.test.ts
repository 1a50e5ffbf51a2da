/** `flexnpu debug` and `flexnpu whatif` as users run them. */
import { existsSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { PolicyId } from '../../build/gen/ts/records.ts'
import { LogWriter } from '../../host-node/log/writer.ts'
import { expectRefused, runCli, startCli } from '../host-node/cli.ts'
import { temporaryFolder } from '../host-node/recordings.ts'
import { freshCore, served } from '../what-if/runs.ts'
import { get } from './served.ts'

/** A recording of a small server, in a file. */
function recording(): string {
  const file = join(temporaryFolder(), 'served.flexlog')
  const core = freshCore()
  const { events, json } = served({ policy: PolicyId.FAIR, requests_per_s: 8, seconds: 0.5 })
  const writer = new LogWriter(file, { start_unix_ns: 0n, core_hash: Buffer.from(core.hash, 'hex'), json })
  writer.writeEvents(events)
  writer.writeDecisions(core.feed(events), core.decisionHash())
  writer.close({ decision_hash: core.decisionHash(), state_hash: core.stateHash() })
  return file
}

async function url(cli: ReturnType<typeof startCli>): Promise<URL> {
  let line = ''
  cli.process.stdout?.on('data', (text: string) => (line += text))
  await cli.printed('\n')
  return new URL((JSON.parse(line) as { url: string }).url)
}

test('debug serves a recording until it is interrupted', async () => {
  const file = recording()
  const cli = startCli(['debug', file, '--json'])
  const { hostname, port, search } = await url(cli)
  expect(hostname).toBe('127.0.0.1')
  expect(search).toBe('?log=served.flexlog')
  expect((await get(Number(port), '/served.flexlog')).body.equals(readFileSync(file))).toBe(true)
  expect((await get(Number(port), '/')).status).toBe(302)
  expect((await get(Number(port), `/${search}`)).body.toString()).toContain('<div id="app">')
  cli.process.kill('SIGINT')
  expect(await cli.ended).toMatchObject({ code: 0, signal: null, stderr: '' })
})

test('debug shows a torn recording, and says where it is torn', async () => {
  const file = recording()
  truncateSync(file, readFileSync(file).length - 10)
  const cli = startCli(['debug', file, '--json', '--port', '0'])
  const { port } = await url(cli)
  expect((await get(Number(port), '/served.flexlog')).status).toBe(200)
  cli.process.kill('SIGTERM')
  expect(await cli.ended).toMatchObject({ code: 2, stderr: expect.stringMatching(/torn|trailer/) })
})

test('debug --static writes one page', async () => {
  const file = recording()
  const folder = join(temporaryFolder(), 'page')
  const { code, stdout } = await runCli(['debug', '--static', folder, file, '--json'])
  expect(code).toBe(0)
  const { page } = JSON.parse(stdout) as { page: string }
  const inside = /id="flexlog"[^>]*>([^<]*)</.exec(readFileSync(page, 'utf8'))?.[1] ?? ''
  expect(Buffer.from(inside, 'base64').equals(readFileSync(file))).toBe(true)
})

test('debug names bad input', async () => {
  const folder = temporaryFolder()
  const text = join(folder, 'text')
  writeFileSync(text, 'text')
  await expectRefused(['debug', join(folder, 'none.flexlog')], /none.flexlog: no such file/)
  await expectRefused(['debug', text], /text: byte 0: not a FlexNPU recording/)
  await expectRefused(['debug', '--static', join(folder, 'page'), text], /not a FlexNPU recording/)
  expect(existsSync(join(folder, 'page'))).toBe(false)
  await expectRefused(['debug'], /name a recording, or --attach a daemon/)
  await expectRefused(['debug', '--attach', join(folder, 'none.sock')], /none.sock: no daemon listens there/)
  await expectRefused(['debug', recording(), '--host', '203.0.113.7'], /203.0.113.7:0: cannot listen there/)
}, 60_000)

test('whatif compares, writes the new run as a recording that replays, and names bad input', async () => {
  const file = recording()
  const out = join(temporaryFolder(), 'new.flexlog')
  const asked = ['whatif', file, '--policy', 'static-split', '--policy-param', 'prefill_permille=300']
  const { code, stdout } = await runCli([...asked, '--json', '--record', out])
  expect(code).toBe(0)
  expect(JSON.parse(stdout)).toMatchObject({
    policy: 'static-split',
    params: { prefill_permille: 300 },
    recorded_policy: 'fair',
    recorded: { ttft_ms: { count: expect.any(Number) } },
    model: { tpot_ms: { p50_ms: expect.any(Number) } },
    first_difference: { recorded: { kind: expect.any(String) }, whatif: { decision: expect.any(Number) } },
  })
  const replayed = await runCli(['replay', out, '--json'])
  expect(JSON.parse(replayed.stdout)).toMatchObject({ differences: 0, core_match: true })
  expect((await runCli(asked)).stdout).toMatch(/TPOT.*\n[^]*first difference: decision \d+/)
  await expectRefused(['whatif', file, '--policy', 'nice'], /unknown policy 'nice'/)
  await expectRefused(['whatif', file], /--policy/)
  await expectRefused([...asked, '--record', out], /new.flexlog: exists/)
}, 60_000)
