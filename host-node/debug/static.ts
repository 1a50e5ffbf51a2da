/**
 * The page with core.wasm and the recording in it, so that it opens anywhere, without a server: the build puts its
 * script and style into it already, as browsers load neither from a disk (host-browser/vite.config.ts).
 */
import {
  closeSync,
  copyFileSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { codeOf } from '../cli/elf.ts'
import { UserError } from '../cli/errors.ts'
import { CORE, type Page } from './page.ts'

/** Bytes of a recording at a time; base64 takes threes. */
const PIECE_BYTES = 3 * 256 * 1024
/** A browser does not open a page of more text than this. */
const MOST_BYTES = 384 * 1024 * 1024

const attribute = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

/** Writes the page with a recording into `folder`; the file to open. Throws UserError, and then nothing is left. */
export function writeStatic(page: Page, file: string, size: number, folder: string): string {
  if (size > MOST_BYTES) {
    throw new UserError(`${file}: ${size} bytes are more than a page can hold (${MOST_BYTES}); gzip it, or serve it`)
  }
  let made: string | undefined
  try {
    made = mkdirSync(folder, { recursive: true })
    if (readdirSync(folder).length > 0) throw new UserError(`${folder}: is not empty`)
  } catch (error) {
    if (error instanceof UserError) throw error
    throw new UserError(`${folder}: cannot be written to (${codeOf(error) ?? String(error)})`)
  }
  const written: string[] = []
  try {
    for (const [name, path] of page.files) {
      if (name === 'index.html' || name === CORE) continue
      const to = join(folder, name)
      mkdirSync(dirname(to), { recursive: true })
      written.push(name.split('/')[0] as string)
      copyFileSync(path, to)
    }
    written.push('index.html')
    const out = join(folder, 'index.html')
    writePage(out, page, file)
    return out
  } catch (error) {
    if (made === undefined) for (const name of written) rmSync(join(folder, name), { recursive: true, force: true })
    else rmSync(made, { recursive: true, force: true })
    throw new UserError(`${folder}: ${error instanceof Error ? error.message : String(error)}`)
  }
}

/** The recording and the core come before everything that may look for them. */
function writePage(out: string, page: Page, file: string): void {
  const html = page.text('index.html')
  const body = /<body[^>]*>/.exec(html)
  const at = body === null ? 0 : body.index + body[0].length
  const fd = openSync(out, 'wx')
  try {
    writeSync(fd, html.slice(0, at))
    writeSync(fd, `\n<script type="text/plain" id="flexlog" data-name="${attribute(basename(file))}">`)
    writeBase64(fd, file)
    writeSync(fd, '</script>\n<script type="text/plain" id="core-wasm">')
    writeSync(fd, readFileSync(page.files.get(CORE) as string).toString('base64'))
    writeSync(fd, `</script>${html.slice(at)}`)
  } finally {
    closeSync(fd)
  }
}

function writeBase64(out: number, file: string): void {
  const fd = openSync(file, 'r')
  try {
    const piece = Buffer.allocUnsafe(PIECE_BYTES)
    for (;;) {
      let read = 0
      for (let more = 1; more > 0 && read < PIECE_BYTES; read += more)
        more = readSync(fd, piece, read, PIECE_BYTES - read, null)
      if (read === 0) return
      writeSync(out, piece.subarray(0, read).toString('base64'))
    }
  } finally {
    closeSync(fd)
  }
}
