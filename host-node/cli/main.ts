#!/usr/bin/env node
/**
 * The `flexnpu` command. Whatever goes wrong through the user's input is one line on standard error, `flexnpu: ...`,
 * and exit code 2.
 */
import { CommanderError } from 'commander'
import { EXIT_BAD_INPUT, userMessage } from './errors.ts'
import { createProgram } from './program.ts'
import type { OpenCore } from '../daemon/serve.ts'

// `flexnpu inspect FILE | head` closes our output early; that is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0)
  throw error
})

const open = async (): Promise<OpenCore> => (await import('../daemon/device.ts')).openDevice

try {
  await createProgram(open).parseAsync()
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? 0 : EXIT_BAD_INPUT
  } else {
    const message = userMessage(error)
    if (message === undefined) throw error
    process.stderr.write(`flexnpu: ${message.replaceAll('\n', ' ')}\n`)
    process.exitCode = EXIT_BAD_INPUT
  }
}
