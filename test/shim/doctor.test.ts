/** `flexnpu doctor`: what it says of programs that reach AscendCL in different ways, and of libraries in the way. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cannVersion } from '../../host-node/cli/cann.ts'
import { diagnose } from '../../host-node/cli/diagnosis.ts'
import { expectRefused, runCli } from '../host-node/cli.ts'
import { topology, type Topology } from './topology.ts'
import { workshop, type Workshop } from './workshop.ts'

let w: Workshop
let t: Topology
let folder: string

beforeAll(async () => {
  w = await workshop('native')
  t = await topology(w)
  folder = mkdtempSync(join(tmpdir(), 'flexnpu-doctor-'))
}, 300_000)

afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Runs it on the program of the toy libraries. */
const onTopology = async (options: string[], more: Record<string, string> = {}) => {
  const env = { ASCEND_HOME_PATH: t.home, LD_LIBRARY_PATH: `${t.home}/lib64:${t.programs}`, ...more }
  const program = [join(t.programs, 'host'), w.kernels, 'launch:2', 'tnd:3:4,5', 'relu']
  const { code, stdout, stderr } = await runCli(['doctor', ...options, '--', ...program], {
    FLEXNPU_SIM_SPEED: 'max',
    ...env,
  })
  const lines = stdout.trimEnd().split('\n')
  return { code, stderr, lines, report: options.includes('--json') ? (JSON.parse(lines.at(-1)!) as object) : {} }
}

it('names what was linked, found by name, launched, and the operators', async () => {
  const { code, report, lines } = await onTopology(['--json'])
  expect(code).toBe(0)
  expect(lines[0]).toMatch(/^log: 4 values/)
  expect(report).toMatchObject({
    exit_code: 0,
    mechanism: 'preload',
    cann: { folder: join(t.home, 'lib64'), version: null },
    linked: {
      callers: expect.arrayContaining([
        { library: join(t.programs, 'libclient.so'), functions: expect.any(Number), reaches_us: true },
      ]),
    },
    by_name: { works: true, lookups: { aclrtCreateStreamWithConfig: 2 } },
    launches: { aclrtLaunchKernelWithHostArgs: 4 },
    operators: { aclnnFusedInferAttentionScoreV3: 1, aclnnRelu: 1 },
    unknown: {},
    interposers: [],
    problems: [],
  })
})

it('says it in words, and that operators by name are not seen by a drop-in', async () => {
  const { code, lines } = await onTopology(['--drop-in'])
  expect(code).toBe(0)
  expect(lines.slice(1).every((line) => line.startsWith('flexnpu: '))).toBe(true)
  expect(lines).toContain('flexnpu: by name (dlsym, which is NOT seen): 0 functions')
  expect(lines).toContain('flexnpu: launches: aclrtLaunchKernelWithHostArgs 4')
  expect(lines.at(-1)).toBe('flexnpu: no problems')
})

it('names functions that FlexNPU does not know, and the version of CANN', async () => {
  const home = join(folder, 'old')
  mkdirSync(join(home, 'lib64'), { recursive: true })
  symlinkSync(join(w.programs, 'libthin_rt.so'), join(home, 'lib64', 'libacl_rt.so'))
  writeFileSync(join(home, 'version.cfg'), '# toolkit\nruntime_running_version=[7.9.0:9.1.0.B030]\n')
  const env = { ASCEND_HOME_PATH: home, LD_LIBRARY_PATH: join(home, 'lib64') }
  const { code, stdout } = await runCli(['doctor', '--json', '--', join(w.programs, 'old_library')], env)
  expect(code).toBe(0)
  expect(JSON.parse(stdout.trimEnd().split('\n').at(-1)!)).toMatchObject({
    unknown: { aclrtNewest: 1 },
    cann: {
      version: '9.1.0.B030',
      version_file: join(home, 'version.cfg'),
      libraries: [join(home, 'lib64', 'libacl_rt.so')],
    },
  })
})

describe('a library of another that has functions of AscendCL', () => {
  let vnpu: string

  beforeAll(() => {
    vnpu = join(folder, 'libvnpu.so')
    const source = join(folder, 'vnpu.c')
    /* It calls on, so that the program works. */
    writeFileSync(
      source,
      `#define _GNU_SOURCE
#include <dlfcn.h>
int aclrtSetDevice(int device) { return ((int (*)(int))dlsym(RTLD_NEXT, "aclrtSetDevice"))(device); }
int aclInit(const char *path) { return ((int (*)(const char *))dlsym(RTLD_NEXT, "aclInit"))(path); }
`,
    )
    execFileSync('cc', ['-shared', '-fPIC', source, '-o', vnpu, '-ldl'])
  })

  it('behind FlexNPU is named', async () => {
    const { code, report } = await onTopology(['--json'], { LD_PRELOAD: vnpu })
    expect(code).toBe(0)
    expect(report).toMatchObject({
      interposers: [
        { library: vnpu, why: 'LD_PRELOAD, the limiter of HAMi', before_us: false },
        { library: vnpu, why: 'the limiter of HAMi, has 2 functions of AscendCL', before_us: false },
      ],
      problems: [],
    })
  })

  it('in front of FlexNPU is a problem', async () => {
    const program = join(w.programs, 'linked')
    const env = { LD_PRELOAD: vnpu, FLEXNPU_SIM_SPEED: 'max' }
    const args = ['doctor', '--json', '--drop-in', '--npu', 'sim', '--', program, w.kernels]
    const { code, stdout } = await runCli(args, env)
    expect(code).toBe(1)
    expect(JSON.parse(stdout.trimEnd().split('\n').at(-1)!)).toMatchObject({
      exit_code: 0,
      problems: [
        `${vnpu} is in the way (the limiter of HAMi, has 2 functions of AscendCL and comes before FlexNPU)`,
        `${program} is linked past FlexNPU: the loader finds another library first`,
      ],
    })
  })
})

it('entries of /etc/ld.so.preload are named', () => {
  const around = {
    system_preload: '# ours\n/usr/local/lib/libvnpu.so /opt/libother.so\n',
    preload: '',
    preloaded: true,
  }
  expect(diagnose(null, around)).toMatchObject({
    interposers: [
      { library: '/usr/local/lib/libvnpu.so', why: '/etc/ld.so.preload, the limiter of HAMi' },
      { library: '/opt/libother.so', why: '/etc/ld.so.preload' },
    ],
    problems: ['no call was seen: the program left no report'],
  })
})

it('the version of CANN is where its installers leave it', () => {
  const home = join(folder, 'version')
  mkdirSync(join(home, 'x86_64-linux'), { recursive: true })
  expect(cannVersion(join(home, 'lib64'))).toBe(null)
  writeFileSync(
    join(home, 'x86_64-linux', 'ascend_toolkit_install.info'),
    'package_name=Ascend-cann-toolkit\nversion=8.0.RC3\n',
  )
  expect(cannVersion(join(home, 'lib64'))).toMatchObject({ version: '8.0.RC3' })
})

it('a program that calls nothing of AscendCL is a problem, a program that is not there is bad input', async () => {
  const nothing = await runCli(['doctor', '--npu', 'sim', '--', 'true'])
  expect(nothing).toMatchObject({ code: 1, stderr: '' })
  expect(nothing.stdout).toContain('flexnpu:   no call was seen: the program left no report\n')
  await expectRefused(['doctor', '--npu', 'sim', '--', '/no/such/program'], /\/no\/such\/program: no such program/)
  await expectRefused(['doctor', '--npu', '/no/such/cann', '--', 'true'], /\/no\/such\/cann/)
})
