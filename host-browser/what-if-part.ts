/** The what-if engine, which few visits need: a script of its own that is had when it is first asked (state/parts.ts). */
import { WhatIfDesk } from './lib/what-if-desk.ts'

Object.assign(globalThis, { flexnpuWhatIf: WhatIfDesk })
