/** The commands around a daemon, as users run them: processes of their own, on real sockets and signals. */
import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, expect, test } from 'vitest'
import { expectRefused, runCli } from '../host-node/cli.ts'
import { temporaryFolder } from '../host-node/recordings.ts'
import { until } from './connected.ts'

const program = fileURLToPath(new URL('fake-daemon.ts', import.meta.url))
const children = new Set<ChildProcess>()

afterEach(() => {
  for (const child of children) child.kill('SIGKILL')
  children.clear()
})

interface Daemon {
  child: ChildProcess
  socket: string
  /** What it logged, line by line. */
  log: () => { msg: string; why?: string }[]
  ended: Promise<number | null>
}

/** Starts a daemon without a device and waits until it is ready. */
async function daemon(args: string[] = []): Promise<Daemon> {
  const socket = join(temporaryFolder(), 'npu0.sock')
  return { ...(await started(['--socket', socket, ...args])), socket }
}

async function started(args: string[]): Promise<Omit<Daemon, 'socket'>> {
  const child = spawn(
    process.execPath,
    ['--import', import.meta.resolve('tsx'), program, 'daemon', '--json', ...args],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  )
  children.add(child)
  let [out, err] = ['', '']
  child.stdout?.on('data', (data) => (out += String(data)))
  child.stderr?.on('data', (data) => (err += String(data)))
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
  await until(() => out.includes('\n') || child.exitCode !== null)
  if (child.exitCode !== null) throw new Error(err)
  return {
    child,
    ended,
    log: () =>
      err
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line) as { msg: string }),
  }
}

const json = async (args: string[]): Promise<Record<string, any>> => {
  const { code, stdout, stderr } = await runCli(args)
  expect([code, stderr]).toEqual([0, ''])
  return JSON.parse(stdout) as Record<string, unknown>
}

test('a daemon is ready, is looked at and changed, and stops cleanly', async () => {
  const d = await daemon(['--policy', 'fair', '--policy-param', 'window_ns=5'])
  const at = ['--socket', d.socket]
  expect(await json(['top', '--once', '--json', ...at])).toMatchObject({
    pid: d.child.pid,
    device: { policy: 'fair', params: { window_ns: 5 } },
    tenants: [{ number: 0, name: 'default' }],
  })
  const set = ['policy', 'set', 'static-split', '--policy-param', 'prefill_permille=250', '--json', ...at]
  expect(await json(set)).toMatchObject({ policy: 'static-split', params: { prefill_permille: 250, window_ns: 0 } })
  const top = await runCli(['top', ...at])
  expect(top).toMatchObject({ code: 0, stderr: '' })
  expect(top.stdout).toMatch(/^device 0 {2}Ascend910B2 {2}policy static-split prefill_permille=250/)
  d.child.kill('SIGTERM')
  expect(await d.ended).toBe(0)
  expect(
    d
      .log()
      .map((line) => line.msg)
      .slice(-2),
  ).toEqual(['stopped', 'core stopped'])
  expect(existsSync(d.socket)).toBe(false)
})

test('SIGHUP reads the tenants anew; a bad file is logged and changes nothing', async () => {
  const file = join(temporaryFolder(), 'tenants.yaml')
  writeFileSync(file, 'tenants: [{name: a}]')
  const d = await daemon(['--config', file])
  const names = async (): Promise<string[]> => {
    const status = await json(['top', '--once', '--json', '--socket', d.socket])
    return status.tenants.map((t: { name: string }) => t.name)
  }
  writeFileSync(file, 'tenants: [{name: a}, {name: b}]')
  d.child.kill('SIGHUP')
  await until(() => d.log().some(({ msg }) => msg === 'tenants reloaded'))
  expect(await names()).toEqual(['a', 'b'])
  writeFileSync(file, 'tenants: [{nam: a}]')
  d.child.kill('SIGHUP')
  await until(() => d.log().some(({ msg }) => msg.startsWith('reload failed')))
  expect(d.log().at(-1)?.why).toMatch(/tenants\.yaml:1:/)
  expect(await names()).toEqual(['a', 'b'])
})

test('a second daemon on a socket is refused; after kill -9 the next one takes it', async () => {
  const d = await daemon()
  await expect(started(['--socket', d.socket])).rejects.toThrow(`${d.socket}: a daemon already listens there`)
  d.child.kill('SIGKILL')
  await d.ended
  expect(existsSync(d.socket)).toBe(true)
  const next = await started(['--socket', d.socket])
  expect(await json(['top', '--once', '--json', '--socket', d.socket])).toMatchObject({ pid: next.child.pid })
})

test('top --json streams until interrupted; a daemon that stops ends it', async () => {
  const d = await daemon()
  const { startCli } = await import('../host-node/cli.ts')
  const top = startCli(['top', '--json', '--interval', '20', '--socket', d.socket])
  await top.printed('}\n{')
  top.process.kill('SIGINT')
  const { code, stdout } = await top.ended
  expect(code).toBe(0)
  expect(JSON.parse(stdout.split('\n')[1] as string)).toMatchObject({ pid: d.child.pid })
})

test('run --daemon leads the program to the socket', async () => {
  const d = await daemon()
  const show = ['--', '/bin/sh', '-c', 'echo "$FLEXNPU_DAEMON|$FLEXNPU_POLICY|$LD_PRELOAD"']
  const { stdout } = await runCli(['run', `--daemon=${d.socket}`, ...show])
  expect(stdout).toMatch(new RegExp(`^${d.socket}\\|\\|/.*/libflexnpu\\.so\n$`))
  const found = await runCli(['run', '--daemon', ...show], { FLEXNPU_DAEMON: d.socket })
  expect(found.stdout).toBe(stdout)
})

test('bad input is named', async () => {
  const nowhere = join(temporaryFolder(), 'none.sock')
  await expectRefused(['top', '--once', '--socket', nowhere], /none\.sock: no daemon listens there$/m)
  await expectRefused(['top', '--interval', '5'], /interval must be a whole number from 20/)
  await expectRefused(['policy', 'set', 'nice'], /unknown policy 'nice'/)
  await expectRefused(['policy', 'set', 'fair', '--socket', nowhere], /no daemon listens there/)
  await expectRefused(['run', `--daemon=${nowhere}`, '--', 'true'], /none\.sock: no socket of a daemon/)
  await expectRefused(['run', `--daemon=${nowhere}`, '--policy', 'fair', '--', 'true'], /--policy is the daemon's/)
  await expectRefused(['run', '--direct', `--daemon=${nowhere}`, '--', 'true'], /--daemon has no meaning/)
  await expect(started(['--device', '99'])).rejects.toThrow(/device must be a whole number from 0 to 15/)
  await expect(started(['--config', nowhere])).rejects.toThrow(/none\.sock: no such file/)
  await expect(started(['--device', '15', '--socket', nowhere])).rejects.toThrow(/device 15 does not open/)
})
