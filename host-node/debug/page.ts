/**
 * The debugger's page as the build makes it: a folder of files. They are listed once; whatever a request says, nothing
 * outside of the list is ever opened.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { extname, join, relative, sep } from 'node:path'
import { UserError } from '../cli/errors.ts'

const types: Record<string, string> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
  '.woff2': 'font/woff2',
}

/** The media type of a file, by its name. */
export const mediaType = (name: string): string => types[extname(name)] ?? 'application/octet-stream'

/** Name of core.wasm beside the page. */
export const CORE = 'core.wasm'

export class Page {
  /** Absolute paths by the path in the page's address, without a slash before it. */
  readonly files = new Map<string, string>()

  /** Lists a folder. Throws UserError where it holds no page. */
  constructor(folder: string, core: string) {
    let entries: { name: string; parentPath: string; isFile(): boolean }[]
    try {
      entries = readdirSync(folder, { recursive: true, withFileTypes: true })
    } catch {
      throw new UserError(`${folder}: the debugger's page is not built; run \`npm run build\``)
    }
    for (const entry of entries) {
      if (!entry.isFile()) continue
      const path = join(entry.parentPath, entry.name)
      this.files.set(relative(folder, path).split(sep).join('/'), path)
    }
    if (!this.files.has('index.html')) {
      throw new UserError(`${folder}: the debugger's page is not built; run \`npm run build\``)
    }
    if (!this.files.has(CORE)) this.files.set(CORE, core)
  }

  /** The text of one of its files. */
  text(name: string): string {
    return readFileSync(this.files.get(name) as string, 'utf8')
  }
}
