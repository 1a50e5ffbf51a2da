/** Why a decision was made: a script of its own, for the worker, that is had when it is first asked (state/parts.ts). */
import { why } from './lib/why.ts'

Object.assign(globalThis, { flexnpuWhy: why })
