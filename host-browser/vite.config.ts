/**
 * The page as one file with everything in it but the core and what can come later (PARTS): build/host-browser/index.html. Its script is a
 * classic one in the page itself, because neither modules nor workers load from file://.
 */
import { copyFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { build, defineConfig, type Plugin } from 'vite'

// Whoever builds, the tests too: what is built is what is used.
process.env.NODE_ENV = 'production'

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))
const out = here('../build/host-browser')

/** What is Node's in the codec and in the core's instance, and what stands for it in a browser. */
const standIns: Plugin = {
  name: 'stand-ins',
  enforce: 'pre',
  resolveId(source, importer) {
    if (source === '@assemblyscript/loader') return here('lib/instantiate.ts')
    const isCrc = source === './crc32.ts' && importer?.replaceAll('\\', '/').includes('/host-node/log/')
    return isCrc === true ? here('lib/crc32.ts') : undefined
  },
}

/** A change to a source that fails where there is nothing to change: a new version of it is then to be looked at. */
function replaced(code: string, id: string, changes: readonly [from: string | RegExp, to: string][]): string {
  return changes.reduce((text, [from, to]) => {
    const next = text.replaceAll(from, to)
    if (next === text) throw new Error(`${id}: there is no ${String(from)} to leave out`)
    return next
  }, code)
}

/** Leaves out what the page has no use for: what a record means is in its source; uPlot draws no dates,
 * bars or splines, and has no legend and no cursor. */
const leaner: Plugin = {
  name: 'leaner',
  transform(code, id) {
    if (id.endsWith('/spec/records.ts')) {
      const docs: [RegExp, string][] = [
        [/, "(?:[^"\\]|\\.)*"\)/g, ', "")'],
        [/doc: "(?:[^"\\]|\\.)*",?/g, ''],
      ]
      return { code: replaced(code, id, docs), map: null }
    }
    if (!id.includes('/uplot/dist/uPlot.esm.js')) return undefined
    const unused: [string, string][] = [
      ['const FEAT_TIME          = true', 'const FEAT_TIME          = false'],
      ['(paths.bars    = bars);', ''],
      ['(paths.spline  = monotoneCubic);', ''],
      ['const showLegend = legend.show', 'const showLegend = false'],
      ['const showCursor =                cursor.show', 'const showCursor = false'],
    ]
    return { code: replaced(code, id, unused), map: null }
  },
}

/** Scripts beside the page, loaded when they are first needed (state/parts.ts); made of NAME-part.ts. */
const PARTS = ['charts', 'why', 'what-if', 'export']

const closing = (text: string): string => text.replaceAll('</script', '<\\/script').replaceAll('<!--', '<\\!--')

/** Puts script and style into the page. */
const inOne: Plugin = {
  name: 'in-one',
  enforce: 'post',
  generateBundle(_options, bundle) {
    const page = bundle['index.html']
    if (page?.type !== 'asset') throw new Error('vite made no index.html')
    let html = String(page.source)
    for (const [name, file] of Object.entries(bundle)) {
      if (file.type === 'chunk') {
        html = html
          .replace(/<script type="module"[^>]*><\/script>/, '')
          .replace('</body>', () => `<script>${closing(file.code)}</script></body>`)
      } else if (name.endsWith('.css')) {
        html = html.replace(/<link rel="stylesheet"[^>]*>/, () => `<style>${String(file.source)}</style>`)
      } else continue
      delete bundle[name]
    }
    page.source = html
  },
}

/** The core lies beside the page, as the daemon and the interposer have it, and the parts that are loaded when needed. */
const beside: Plugin = {
  name: 'beside',
  async closeBundle() {
    copyFileSync(here('../build/core.wasm'), `${out}/core.wasm`)
    for (const name of PARTS) {
      const made = await build({
        configFile: false,
        logLevel: 'warn',
        plugins: [standIns, leaner],
        build: {
          write: false,
          target: 'es2022',
          rollupOptions: { input: here(`${name}-part.ts`), output: { format: 'iife' } },
        },
      })
      const [bundle] = Array.isArray(made) ? made : [made]
      if (bundle === undefined || !('output' in bundle)) throw new Error(`vite made no ${name}.js`)
      writeFileSync(`${out}/${name}.js`, `flexnpuPart('${name}.js',function(){${bundle.output[0].code}})\n`)
    }
  },
}

export default defineConfig({
  root: here('.'),
  base: './',
  logLevel: 'warn',
  plugins: [standIns, leaner, inOne, beside],
  build: {
    outDir: out,
    emptyOutDir: true,
    target: 'es2022',
    cssCodeSplit: false,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1000,
    rollupOptions: { output: { format: 'iife', name: 'flexnpu' } },
  },
})
