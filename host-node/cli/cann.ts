/** Which CANN it is that a folder of libraries belongs to, as far as its installer says. */
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

export interface CannVersion {
  version: string
  /** The file that says it. */
  file: string
}

/** Files in which CANN's installers leave the version, below the folder that has lib64 (`*` is the machine's name). */
const SAYS = [
  'version.cfg',
  'version.info',
  'ascend_toolkit_install.info',
  '*-linux/ascend_toolkit_install.info',
  'runtime/version.info',
  'compiler/version.info',
  'share/info/runtime/version.info',
]

/** `version=8.5.0`, `Version=...` or `runtime_running_version=[7.6.0:8.5.0]`. */
const VERSION = /^(?:version|\w+_running_version)\s*=\s*\[?(?:[^\]\s]*:)?([\w.+-]+)\]?\s*$/im

/** The version, null where no file says it. */
export function cannVersion(libraries: string): CannVersion | null {
  const home = dirname(libraries)
  for (const pattern of SAYS)
    for (const file of expand(home, pattern)) {
      const version = VERSION.exec(read(file))?.[1]
      if (version !== undefined) return { version, file }
    }
  return null
}

function expand(home: string, pattern: string): string[] {
  if (!pattern.startsWith('*')) return [join(home, pattern)]
  const [first = '', ...rest] = pattern.split('/')
  try {
    return readdirSync(home)
      .filter((name) => name.endsWith(first.slice(1)))
      .toSorted()
      .map((name) => join(home, name, ...rest))
  } catch {
    return []
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
