/**
 * Build steps that run only when something they read has changed: a step names its inputs, and a stamp in build/stamps
 * keeps the hash of what it last read.
 */
import { createHash } from 'node:crypto'
import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

export const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..')

/** A path below the repository. */
export const path = (...parts: string[]): string => join(root, ...parts)

const execute = promisify(execFile)

/** Runs a program in the repository; throws with its output where it fails. */
export async function run(command: string, args: string[]): Promise<string> {
  try {
    const { stdout } = await execute(command, args, { cwd: root, maxBuffer: 64 << 20 })
    return stdout
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string }
    throw new Error(
      `${command} ${args.join(' ')}\n${stdout ?? ''}${stderr ?? ''}${stdout === undefined ? String(error) : ''}`,
      { cause: error },
    )
  }
}

/** A program that npm installed. */
export const npmProgram = (name: string): string => path('node_modules', '.bin', name)

/** All files below a folder (or the file itself), sorted. */
export function filesBelow(place: string): string[] {
  if (!existsSync(place)) return []
  if (statSync(place).isFile()) return [place]
  return readdirSync(place, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
}

function hashOf(inputs: string[], salt: string): string {
  const hash = createHash('sha256').update(salt)
  for (const file of inputs.flatMap((input) => filesBelow(input))) hash.update(file).update(readFileSync(file))
  return hash.digest('hex')
}

/** One step: what it reads, what it makes, and how. `salt` stands for settings that are not in a file. */
export interface Step {
  name: string
  inputs: string[]
  outputs: string[]
  salt?: string
  make: () => Promise<void>
}

/** Makes the step's outputs where they are missing or older than its inputs; whether it did. */
export async function build(step: Step): Promise<boolean> {
  const stamp = path('build', 'stamps', step.name.replaceAll('/', '-'))
  const hash = hashOf(step.inputs, step.salt ?? '')
  const fresh = existsSync(stamp) && readFileSync(stamp, 'utf8') === hash
  if (fresh && step.outputs.every((output) => existsSync(output))) return false
  process.stderr.write(`building ${step.name}\n`)
  await step.make()
  mkdirSync(dirname(stamp), { recursive: true })
  writeFileSync(stamp, hash)
  return true
}

/** Runs a task's main part; what a build step or compiler says is the message, and the exit code is 1. */
export async function orFail(main: () => Promise<void>): Promise<void> {
  try {
    await main()
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
    process.exit(1)
  }
}
