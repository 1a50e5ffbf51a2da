/**
 * The front door of every npm script: `node tools/bootstrap.mjs TASK [ARGS...]`. Sets up what is missing (npm packages;
 * a C compiler where it may install one), then runs the task. Plain JavaScript, because nothing is installed before it.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const tasks = ['build', 'demo', 'test', 'bench', 'fuzz', 'flexnpu', 'lint', 'ci-tools']

/** Ends with what is wrong and what to do about it; 2, as for any bad input. */
function fail(message) {
  process.stderr.write(`${message}\n`)
  process.exit(2)
}

/** Runs a command with its output on standard error (standard output belongs to the task); its exit code. */
function run(command, args, options = {}) {
  const result = spawnSync(command, args, { cwd: root, stdio: ['ignore', 2, 2], ...options })
  return result.status ?? 1
}

const has = (command) => spawnSync(command, ['--version'], { stdio: 'ignore' }).status === 0

function needNode() {
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major < 20 || (major === 20 && minor < 19))
    fail(`Node 20.19 or later is needed; this is ${process.versions.node}.`)
}

function needPackages() {
  const mark = join(root, 'node_modules', '.package-lock.json')
  const lock = join(root, 'package-lock.json')
  if (existsSync(mark) && statSync(mark).mtimeMs >= statSync(lock).mtimeMs) return
  process.stderr.write('installing npm packages (npm ci)\n')
  if (run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error']) !== 0)
    fail('npm ci failed (see above); the npm registry has to be reachable once.')
}

/** Installs Debian packages where this user may; otherwise says which command to run. */
function needDebian(what, packages) {
  const install = `apt-get install -y --no-install-recommends ${packages.join(' ')}`
  if (process.getuid?.() !== 0 || !has('apt-get')) fail(`${what} is missing. Install it, for example: sudo ${install}`)
  process.stderr.write(`installing ${packages.join(' ')} (apt-get)\n`)
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  if (run('apt-get', ['update', '-q'], { env }) !== 0) fail('apt-get update failed (see above).')
  if (run('apt-get', install.split(' ').slice(1), { env }) !== 0) fail(`${install} failed (see above).`)
}

const [task, ...args] = process.argv.slice(2)
if (!tasks.includes(task)) fail(`usage: node tools/bootstrap.mjs ${tasks.join('|')} [ARGS...]`)
needNode()
needPackages()
if (!has('cc') || !existsSync('/usr/include/stdlib.h')) needDebian('A C compiler', ['gcc', 'libc6-dev'])
if (task === 'test' || task === 'ci-tools') {
  const cross = has('aarch64-linux-gnu-gcc') && has('qemu-aarch64')
  if (!cross)
    needDebian('The aarch64 cross compiler or emulator', [
      'gcc-aarch64-linux-gnu',
      'libc6-dev-arm64-cross',
      'qemu-user',
    ])
}
// The debugger is tested, and measured, in a browser.
const inBrowser = task === 'test' || task === 'ci-tools' || (task === 'bench' && args[0] === 'replay')
if (inBrowser && !existsSync('/usr/bin/chromium')) needDebian('The browser Chromium', ['chromium'])
if (task !== 'ci-tools') {
  const tsx = join(root, 'node_modules', '.bin', 'tsx')
  const script = join(root, 'tools', 'tasks', `${task}.ts`)
  const child = spawnSync(tsx, [script, ...args], {
    stdio: 'inherit',
    env: { ...process.env, INIT_CWD: process.env.INIT_CWD ?? process.cwd() },
  })
  if (child.signal) process.kill(process.pid, child.signal)
  process.exit(child.status ?? 1)
}
