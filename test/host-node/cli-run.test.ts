/** `flexnpu run` stays out of the program's way: its output, exit code and signals, and the environment it is given. */
import { existsSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { LogWriter } from '../../host-node/log/writer.ts'
import { runCli, startCli } from './cli.ts'
import { elfHeader } from './elf.ts'
import { temporaryFolder } from './recordings.ts'

const build = fileURLToPath(new URL('../../build', import.meta.url))
const shim = join(build, 'host-shim', 'libflexnpu.so')

const sh = (script: string): string[] => ['--', '/bin/sh', '-c', script]

/** Prints the environment that FlexNPU sets, one variable a line. */
const showEnvironment = sh('env | grep -E "^(LD_|FLEXNPU_)" | sort')

const lastLine = (text: string): Record<string, unknown> =>
  JSON.parse(text.trimEnd().split('\n').at(-1) ?? '') as Record<string, unknown>

test('the exit code of the program is the exit code', async () => {
  expect(await runCli(['run', '--direct', ...sh('echo out; echo err >&2; exit 7')])).toEqual({
    code: 7,
    signal: null,
    stdout: 'out\n',
    stderr: 'err\n',
  })
  expect(await runCli(['run', '--direct', '--', 'true'])).toMatchObject({ code: 0, stdout: '', stderr: '' })
})

test('a program that a signal ends ends flexnpu as a shell expects it', async () => {
  expect(await runCli(['run', '--direct', ...sh('kill -TERM $$')])).toMatchObject({ code: null, signal: 'SIGTERM' })
  expect(await runCli(['run', '--direct', ...sh('kill -INT $$')])).toMatchObject({ code: null, signal: 'SIGINT' })
  const crash = await runCli(['run', '--direct', '--json', ...sh('ulimit -c 0; kill -SEGV $$')])
  expect(crash).toMatchObject({ code: 139, signal: null })
  expect(lastLine(crash.stdout)).toMatchObject({ exit_code: 139, signal: 'SIGSEGV' })
})

test('signals are passed on to the program', async () => {
  for (const [signal, code] of [
    ['SIGTERM', 5],
    ['SIGINT', 6],
    ['SIGHUP', 7],
  ] as const) {
    const script = `trap 'exit 5' TERM; trap 'exit 6' INT; trap 'exit 7' HUP; echo ready; while :; do sleep 0.05; done`
    const cli = startCli(['run', '--direct', ...sh(script)])
    await cli.printed('ready')
    cli.process.kill(signal)
    expect(await cli.ended).toMatchObject({ code, signal: null })
  }
})

test('a program that survives a signal goes on', async () => {
  const script = `trap 'heard=1' TERM; echo ready; while [ -z "$heard" ]; do sleep 0.05; done; exit 3`
  const cli = startCli(['run', '--direct', ...sh(script)])
  await cli.printed('ready')
  cli.process.kill('SIGTERM')
  expect(await cli.ended).toMatchObject({ code: 3, signal: null })
})

test('arguments behind the program are its own', async () => {
  const echo = await runCli(['run', '--direct', '--', 'echo', '--json', '--policy', 'x y', '--'])
  expect(echo).toMatchObject({ code: 0, stdout: '--json --policy x y --\n' })
  const bare = await runCli(['run', '--direct', 'echo', '--json'])
  expect(bare).toMatchObject({ code: 0, stdout: '--json\n' })
})

test('the environment of a preloaded run', async () => {
  const folder = temporaryFolder()
  const record = join(folder, 'a.flexlog')
  const result = await runCli(
    `run --npu sim --policy static-split --policy-param period_ns=7 --role decode --record ${record}`
      .split(' ')
      .concat(showEnvironment),
    { LD_LIBRARY_PATH: '/opt/theirs', LD_PRELOAD: 'libm.so.6' },
  )
  expect(result.code).toBe(0)
  const lines = result.stdout.trim().split('\n')
  expect(lines).toEqual([
    `FLEXNPU_POLICY=static-split`,
    `FLEXNPU_POLICY_PARAMS=0,7,0,0`,
    `FLEXNPU_REAL=${build}/npu-sim`,
    `FLEXNPU_RECORD=${record}`,
    `FLEXNPU_ROLE=decode`,
    expect.stringMatching(/^FLEXNPU_STATS=.*\/stats\.json$/),
    `LD_LIBRARY_PATH=${build}/npu-sim:/opt/theirs`,
    `LD_PRELOAD=${shim}:libm.so.6`,
  ])
})

test('the environment of a drop-in run with a library by path, and where CANN installs it', async () => {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'libascendcl.so.1'), elfHeader())
  symlinkSync('libascendcl.so.1', join(folder, 'libascendcl.so'))
  const drop = await runCli(['run', '--drop-in', '--npu', join(folder, 'libascendcl.so.1'), ...showEnvironment])
  const common = ['FLEXNPU_POLICY=dynamic-pd', 'FLEXNPU_POLICY_PARAMS=0,0,0,0']
  const stats = expect.stringMatching(/^FLEXNPU_STATS=/) as string
  expect(drop.stdout.trim().split('\n')).toEqual([
    ...common,
    `FLEXNPU_REAL=${folder}`,
    stats,
    `LD_LIBRARY_PATH=${build}/host-shim/dropin:${folder}`,
  ])
  symlinkSync('.', join(folder, 'lib64'))
  const installed = await runCli(['run', ...showEnvironment], { ASCEND_HOME_PATH: folder })
  expect(installed.stdout.trim().split('\n')).toEqual([
    ...common,
    `FLEXNPU_REAL=${join(folder, 'lib64')}`,
    stats,
    `LD_PRELOAD=${shim}`,
  ])
})

test('a direct run is given the library and nothing else', async () => {
  const direct = await runCli(['run', '--direct', '--npu', 'sim', ...showEnvironment])
  expect(direct).toMatchObject({ code: 0, stdout: `LD_LIBRARY_PATH=${build}/npu-sim\n`, stderr: '' })
})

/** What the shim of one process reports. */
const report = (n: number): string =>
  JSON.stringify({ calls: { aclrtMalloc: n, aclrtFree: 1 }, faults: n, fault_messages: [`fault ${n}`] })

test('the reports of all processes of a run are added up, and faults are printed', async () => {
  const script = `d=\${FLEXNPU_STATS%/*}; echo '${report(2)}' > $d/a.json; echo '${report(3)}' > $d/b.json; echo '{"calls' > $d/c.json`
  const result = await runCli(['run', '--npu', 'sim', '--json', ...sh(`${script}; echo done; exit 4`)])
  expect(result.code).toBe(4)
  expect(result.stdout).toMatch(/^done\n\{.*\}\n$/)
  expect(lastLine(result.stdout)).toMatchObject({
    exit_code: 4,
    signal: null,
    wall_ms: expect.any(Number),
    faults: 5,
    calls: { aclrtMalloc: 5, aclrtFree: 2 },
    policy: 'dynamic-pd',
    record: null,
  })
  expect(result.stderr).toMatch(/^flexnpu: 7 AscendCL calls under dynamic-pd$/m)
  expect(result.stderr).toMatch(/^flexnpu: 5 faults while it ran:\nflexnpu: {3}fault 2\nflexnpu: {3}fault 3$/m)
})

test('an older recording makes place for the new one when the program starts', async () => {
  const file = join(temporaryFolder(), 'a.flexlog')
  new LogWriter(file, { start_unix_ns: 0n, core_hash: new Uint8Array(32), json: {} }).abandon()
  expect(await runCli(['run', '--npu', 'sim', '--record', file, ...sh(`test ! -e ${file}`)])).toMatchObject({ code: 0 })
})

test('a recording that the check refused is not created', async () => {
  const record = join(temporaryFolder(), 'a.flexlog')
  expect(await runCli(['run', '--record', record, '--npu', '/none', ...sh('true')])).toMatchObject({ code: 2 })
  expect(existsSync(record)).toBe(false)
})
