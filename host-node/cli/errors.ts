/**
 * Errors that are the user's to fix: bad input, missing files, wrong options. They end the command with exit code 2 and
 * one line that names the file and the place; everything else is a defect of ours and shows its stack.
 */
import { CoreError } from '../core/core.ts'
import { LogError } from '../log/errors.ts'

/** Exit code for input that cannot be used. */
export const EXIT_BAD_INPUT = 2

/** Something in what the user gave cannot be used. */
export class UserError extends Error {
  override readonly name = 'UserError'
}

/** The line for an error that the user can act on; undefined where it is a defect. */
export function userMessage(error: unknown): string | undefined {
  if (error instanceof UserError || error instanceof LogError || error instanceof CoreError) return error.message
  return undefined
}
