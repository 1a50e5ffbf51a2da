/** The page as one file. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { writeStatic } from '../../host-node/debug/static.ts'
import { path } from '../../tools/build/steps.ts'
import { temporaryFolder } from '../host-node/recordings.ts'
import { standIn } from './served.ts'

const inside = (html: string, id: string): Buffer =>
  Buffer.from(new RegExp(`<script type="text/plain" id="${id}"[^>]*>([^<]*)</script>`).exec(html)?.[1] ?? '', 'base64')

test.each([0, 1, 2, 3, 786_432, 786_433, 3_000_001])('holds the recording and the core: %i bytes', (bytes) => {
  const file = join(temporaryFolder(), 'a"<b>&.flexlog')
  const content = randomBytes(bytes)
  writeFileSync(file, content)
  const folder = join(temporaryFolder(), 'new', 'deep')
  const out = writeStatic(standIn(), file, bytes, folder)
  const html = readFileSync(out, 'utf8')
  expect(inside(html, 'flexlog').equals(content)).toBe(true)
  expect(inside(html, 'core-wasm').equals(readFileSync(path('build', 'core.wasm')))).toBe(true)
  expect(html).toContain('data-name="a&quot;&lt;b&gt;&amp;.flexlog"')
  expect(html.indexOf('id="flexlog"')).toBeLessThan(html.indexOf('document.title'))
  expect(html).toContain('<script>document.title = "<body> & $& \\u2026"</script></body></html>')
  expect(readdirSync(folder, { recursive: true }).sort()).toEqual(['assets', 'assets/font.woff2', 'index.html'])
})

test('writes into no folder that holds something, and leaves nothing where it fails', () => {
  const folder = temporaryFolder()
  const file = join(folder, 'x.flexlog')
  writeFileSync(file, 'x')
  expect(() => writeStatic(standIn(), file, 1, folder)).toThrow(/is not empty/)
  expect(() => writeStatic(standIn(), file, 1, join(file, 'below'))).toThrow(/cannot be written to/)
  expect(() => writeStatic(standIn(), file, 2 ** 40, join(folder, 'new'))).toThrow(/more than a page can hold/)
  expect(() => writeStatic(standIn(), join(folder, 'none'), 1, join(folder, 'new', 'deep'))).toThrow(/none/)
  expect(existsSync(join(folder, 'new'))).toBe(false)
  expect(readdirSync(folder)).toEqual(['x.flexlog'])
})
