/**
 * Requests of the paper's E1: questions of gsm8k, all there at the start. Lengths stand for the prompts themselves: the
 * grade-school questions are a few dozen to some two hundred tokens long, answered with their reasoning in a few hundred
 * at most. The same requests in every run.
 */
import { writeFileSync } from 'node:fs'

const PROMPT_TOKENS = [40, 200] as const
const OUTPUT_TOKENS = [80, 320] as const

/** Writes a trace (Azure's columns) of so many requests. */
export function writePrompts(file: string, requests: number): void {
  let state = 1
  const between = ([low, high]: readonly [number, number]): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return low + Math.floor((state / 2 ** 32) * (high - low + 1))
  }
  const rows = Array.from(
    { length: requests },
    () => `2024-01-01 00:00:00.0000000,${between(PROMPT_TOKENS)},${between(OUTPUT_TOKENS)}`,
  )
  writeFileSync(file, ['TIMESTAMP,ContextTokens,GeneratedTokens', ...rows, ''].join('\n'))
}
