/** `flexnpu run` checks everything first: each kind of bad input is named, with exit code 2, and nothing is started. */
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { preloadable } from '../../host-node/cli/plan.ts'
import { expectRefused, runCli } from './cli.ts'
import { elfHeader } from './elf.ts'
import { temporaryFolder } from './recordings.ts'

/** A program that shows that it was started. */
function witness(folder: string): { program: string[]; file: string } {
  const file = join(folder, 'started')
  return { program: ['--', '/bin/sh', '-c', `: > ${file}`], file }
}

test('policies and their parameters', async () => {
  const { program, file } = witness(temporaryFolder())
  await expectRefused(
    ['run', '--policy', 'clever', ...program],
    /unknown policy 'clever'; there are passthrough, fair, static-split, dynamic-pd$/m,
  )
  await expectRefused(['run', '--policy', 'toString', ...program], /unknown policy 'toString'/)
  const fair = ['run', '--policy', 'fair', '--policy-param']
  await expectRefused([...fair, 'period_ns=1', ...program], /period_ns=1: policy fair has window_ns/)
  await expectRefused([...fair, 'window_ns', ...program], /window_ns: write it as name=value/)
  await expectRefused([...fair, 'window_ns=-5', ...program], /window_ns=-5: the value must be a whole number/)
  await expectRefused([...fair, `window_ns=${2n ** 64n}`, ...program], /must be at most 18446744073709551615/)
  await expectRefused(
    ['run', '--policy', 'static-split', '--policy-param', 'prefill_permille=1001', ...program],
    /prefill_permille=1001: the value must be at most 1000/,
  )
  await expectRefused(
    ['run', '--policy', 'passthrough', '--policy-param', 'window_ns=1', ...program],
    /policy passthrough has no parameters/,
  )
  expect(existsSync(file)).toBe(false)
})

test('real libraries that are not there', async () => {
  const folder = temporaryFolder()
  const { program, file } = witness(folder)
  await expectRefused(['run', '--npu', join(folder, 'none'), ...program], /none: no such file or folder \(--npu\)/)
  await expectRefused(['run', '--npu', folder, ...program], /holds neither libascendcl.so nor libacl_rt.so/)
  await expectRefused(
    ['run', ...program],
    /no AscendCL library found; looked at ASCEND_HOME_PATH\/lib64 \(not set\), \/opt\/cann\/lib64, \/usr\/local\/Ascend\/ascend-toolkit\/latest\/lib64, \/usr\/local\/Ascend\/latest\/lib64/,
    { ASCEND_TOOLKIT_HOME: '/opt/cann' },
  )
  expect(existsSync(file)).toBe(false)
})

test('real libraries that are none', async () => {
  const folder = temporaryFolder()
  const { program, file } = witness(folder)
  const library = join(folder, 'libascendcl.so')
  const cases: [Uint8Array, RegExp][] = [
    [Buffer.from('#!/bin/sh\n'), /libascendcl.so: not a shared library \(byte 0: no ELF header\)/],
    [Buffer.alloc(0), /libascendcl.so: not a shared library/],
    [elfHeader().subarray(0, 20), /libascendcl.so: ends at byte 20, inside the ELF header/],
    [elfHeader({ class: 1 }), /libascendcl.so: byte 4: not a 64-bit little-endian ELF file/],
    [elfHeader({ machine: 243 }), /libascendcl.so: byte 18: built for riscv, this machine is /],
    [elfHeader({ type: 2 }), /libascendcl.so: byte 16: an ELF file, but no shared library/],
  ]
  for (const [content, message] of cases) {
    writeFileSync(library, content)
    await expectRefused(['run', '--npu', folder, ...program], message)
  }
  await expectRefused(['run', '--npu', library, ...program], /byte 16: an ELF file/)
  writeFileSync(join(folder, 'libother.so'), elfHeader())
  await expectRefused(
    ['run', '--npu', join(folder, 'libother.so'), ...program],
    /libother.so: not named libascendcl.so or/,
  )
  mkdirSync(join(folder, 'dir', 'libascendcl.so'), { recursive: true })
  await expectRefused(['run', '--npu', join(folder, 'dir'), ...program], /libascendcl.so: cannot be read \(EISDIR\)/)
  expect(existsSync(file)).toBe(false)
})

test('programs that cannot be started', async () => {
  const folder = temporaryFolder()
  const text = join(folder, 'text')
  writeFileSync(text, 'no program')
  chmodSync(text, 0o644)
  await expectRefused(['run', '--direct', '--', text], /text: not executable/)
  await expectRefused(['run', '--direct', '--', folder], /not a program/)
  await expectRefused(['run', '--direct', '--', join(folder, 'none')], /none: no such program/)
  await expectRefused(
    ['run', '--direct', '--', 'no-such-program-anywhere'],
    /no-such-program-anywhere: no such program in PATH/,
  )
  await expectRefused(['run', '--direct'], /missing required argument 'program'/)
})

test('recordings that cannot be written', async () => {
  const folder = temporaryFolder()
  const { program, file } = witness(folder)
  const record = ['run', '--npu', 'sim', '--record']
  await expectRefused([...record, join(folder, 'none', 'a.flexlog'), ...program], /none: no such folder \(--record\)/)
  await expectRefused([...record, folder, ...program], /not a regular file \(--record\)/)
  writeFileSync(join(folder, 'plain'), 'precious')
  await expectRefused(
    [...record, join(folder, 'plain'), ...program],
    /plain: is there and is no recording; not overwritten/,
  )
  await expectRefused([...record, join(folder, 'plain', 'a.flexlog'), ...program], /plain: not a folder \(--record\)/)
  expect(readFileSync(join(folder, 'plain'), 'utf8')).toBe('precious')
  expect(existsSync(file)).toBe(false)
})

test('options that contradict or do not exist', async () => {
  await expectRefused(
    ['run', '--direct', '--record', 'x', '--', 'true'],
    /--direct runs without FlexNPU, so --record has no meaning/,
  )
  await expectRefused(['run', '--direct', '--policy', 'fair', '--', 'true'], /so --policy has no meaning/)
  await expectRefused(['run', '--role', 'both', '--', 'true'], /'both' is invalid. Allowed choices are prefill, decode/)
  await expectRefused(['run', '--polcy', 'fair', '--', 'true'], /unknown option '--polcy'/)
  await expectRefused(['replya', 'x'], /unknown command 'replya'/)
  await expectRefused(['inspect', 'x', '--limit', 'many'], /'many' is invalid. It must be a whole number/)
})

test('every command has --help that names --json', async () => {
  const top = await runCli(['--help'])
  expect(top).toMatchObject({ code: 0, stderr: '' })
  const commands = [...top.stdout.matchAll(/^ {2}(\w+) /gm)]
    .map(([, name]) => name as string)
    .filter((name) => name !== 'help')
  expect(commands).toEqual(['run', 'doctor', 'replay', 'inspect', 'whatif', 'debug', 'daemon', 'list', 'top', 'policy'])
  for (const command of commands) {
    // `policy` is a group; what does something is below it.
    const words = command === 'policy' ? ['policy', 'set'] : [command]
    const help = await runCli([...words, '--help'])
    expect(help).toMatchObject({ code: 0, stderr: '' })
    expect(help.stdout).toContain('--json')
  }
  expect(await runCli(['--version'])).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) })
})

test('a checkout in a folder that LD_PRELOAD cannot name', () => {
  expect(preloadable('/opt/flexnpu/libflexnpu.so')).toBe('/opt/flexnpu/libflexnpu.so')
  for (const folder of ['/opt/my tools', '/opt/a:b']) {
    expect(() => preloadable(`${folder}/libflexnpu.so`)).toThrow(/cannot be preloaded .* use --drop-in/)
  }
})
