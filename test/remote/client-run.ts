/** Builds the echo daemon and the client program in a variant, runs the two together, and gives what each of them said. */
import { execFile, execFileSync, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { once } from 'node:events'
import { strict, variants } from '../../tools/build/c.ts'
import { build, path, run } from '../../tools/build/steps.ts'
import { alone, workshop, type VariantName, type Workshop } from '../shim/workshop.ts'

/** One record as the echo daemon took it; `args` are the first bytes of its arguments. */
export interface Taken {
  ring: number
  ticket: number
  kind: number
  api: string
  stream: number
  sync: number
  args_length: number
  op_class: number
  key: string
  blocks: number
  args_bytes: number
  bytes: number
  evidence: number
  args: Buffer
}

export interface Outcome {
  end: number | string
  stdout: string
  stderr: string
  taken: Taken[]
  messages: Record<string, unknown>[]
  violations: string[]
  /** How often a sleeping daemon was woken. */
  rung: number
  /** Files of this run left in /dev/shm. */
  left: string[]
}

export interface Remote extends Workshop {
  client: string
  daemon: string
}

const here = path('test', 'remote', 'programs')

/** The daemon is never under a sanitizer: it is not what is tested. */
export async function remoteWorkshop(name: VariantName): Promise<Remote> {
  const w = await workshop(name)
  const folder = path('build', 'test-remote', name)
  const [client, daemon] = [join(folder, 'client'), join(folder, 'echo_daemon')]
  const gen = path('build', 'gen')
  const flags = [
    ...strict,
    ...[...['include', 'c', 'shim'].map((part) => join(gen, part)), path('host-shim')].map((from) => `-I${from}`),
  ]
  await alone(() =>
    build({
      name: `test-remote ${name}`,
      inputs: [
        here,
        join(gen, 'include'),
        join(gen, 'c'),
        join(gen, 'shim'),
        path('host-shim', 'boot'),
        path('test', 'remote', 'client-run.ts'),
      ],
      outputs: [client, daemon],
      make: async () => {
        mkdirSync(folder, { recursive: true })
        const variant = variants[name]!
        const source = (file: string) => join(here, `${file}.c`)
        const link = [`-L${w.sim}`, '-lascendcl', '-lpthread']
        await run('cc', [...flags, '-O2', source('echo_daemon'), source('echo_answers'), '-o', daemon])
        await run(variant.cc, [...flags, ...variant.flags, source('client'), '-o', client, ...link])
      },
    }).then(() => undefined),
  )
  return { ...w, client, daemon }
}

const sanitizer = (name: VariantName): string[] => {
  const library = { asan: 'libasan.so', tsan: 'libtsan.so', native: undefined, aarch64: undefined }[name]
  return library === undefined ? [] : [execFileSync('cc', [`-print-file-name=${library}`], { encoding: 'utf8' }).trim()]
}

function readLog(file: string): Pick<Outcome, 'taken' | 'messages' | 'violations' | 'rung'> {
  const out: Pick<Outcome, 'taken' | 'messages' | 'violations' | 'rung'> = {
    taken: [],
    messages: [],
    violations: [],
    rung: 0,
  }
  /* A daemon that was ended may have left its last line unfinished. */
  const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1)
  for (const line of lines) {
    const entry = JSON.parse(line) as Record<string, unknown>
    if (entry.message !== undefined) out.messages.push(entry.message as Record<string, unknown>)
    else if (entry.violation !== undefined) out.violations.push(String(entry.violation))
    else if (entry.rung !== undefined) out.rung++
    else if (entry.ticket !== undefined)
      out.taken.push({ ...(entry as unknown as Taken), args: Buffer.from(entry.args as string, 'hex') })
  }
  return out
}

/** Runs a mode of the client against an echo daemon with the options given; `daemon: null` leaves it without one. */
export async function runClient(w: Remote, mode: string, daemon: string[] | null = []): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), 'flexnpu-remote-'))
  const [socket, log, binary] = [join(folder, 'socket'), join(folder, 'log'), join(folder, 'binary')]
  writeFileSync(binary, Buffer.from([1, 2, 3, 4, 5]))
  writeFileSync(log, '')
  const server =
    daemon === null ? undefined : spawn(w.daemon, [socket, log, ...daemon], { stdio: ['ignore', 'pipe', 'inherit'] })
  try {
    if (server !== undefined) await once(server.stdout!, 'data')
    const env = {
      PATH: process.env.PATH ?? '',
      LD_LIBRARY_PATH: w.sim,
      LD_PRELOAD: [...sanitizer(w.name), join(w.shim, 'libflexnpu.so')].join(' '),
      FLEXNPU_DAEMON: socket,
      FLEXNPU_ROLE: 'decode',
      ASAN_OPTIONS: 'detect_leaks=1:abort_on_error=0:exitcode=66',
      TSAN_OPTIONS: 'halt_on_error=0:exitcode=66',
    }
    const options = { env, timeout: 60_000, killSignal: 'SIGKILL', maxBuffer: 16 << 20 } as const
    let pid = 0
    const ended = await new Promise<Pick<Outcome, 'end' | 'stdout' | 'stderr'>>((resolve) => {
      const child = execFile(w.client, [mode, binary], options, (error, stdout, stderr) => {
        const { code, signal } = (error ?? { code: 0 }) as { code?: number | string; signal?: string }
        resolve({ end: signal ?? code ?? -1, stdout, stderr })
      })
      pid = child.pid ?? 0
    })
    if (server !== undefined && server.exitCode === null) {
      const gone = once(server, 'exit')
      server.kill('SIGTERM')
      await gone
    }
    const left = readdirSync('/dev/shm').filter((f) => f.startsWith(`flexnpu.${process.getuid!()}.${pid}.`))
    return { ...ended, ...readLog(log), left }
  } finally {
    server?.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  }
}
