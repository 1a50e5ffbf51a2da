/** uPlot, a third of all there is to load: a script of its own, that comes behind the timeline (state/parts.ts). */
import uPlot from 'uplot'

Object.assign(globalThis, { flexnpuPlot: uPlot })
