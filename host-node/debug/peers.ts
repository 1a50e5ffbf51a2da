/**
 * Who may ask the debugger's server. Any user of a machine can connect to a loopback port, and any web site can make a
 * browser send requests there; a recording is only for the user who opened it.
 */
import { readFileSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { hostname } from 'node:os'
import { isIP, type Socket } from 'node:net'

/** An address as /proc/net/tcp writes it: words of four bytes in the machine's (little-endian) order. */
function hexAddress(address: string, port: number): string | undefined {
  const v4 = address.startsWith('::ffff:') ? address.slice(7) : address
  const of = `:${port.toString(16).toUpperCase().padStart(4, '0')}`
  if (isIP(v4) === 4) {
    const bytes = v4.split('.').map((byte) => Number(byte).toString(16).toUpperCase().padStart(2, '0'))
    return bytes.reverse().join('') + of
  }
  return address === '::1' ? `00000000000000000000000001000000${of}` : undefined
}

/** The user whose process is at the other end, where the kernel tells: both ends are on this machine. */
export function userOf(socket: Pick<Socket, 'remoteAddress' | 'remotePort'>): number | undefined {
  const { remoteAddress, remotePort } = socket
  if (remoteAddress === undefined || remotePort === undefined) return undefined
  const wanted = hexAddress(remoteAddress, remotePort)
  if (wanted === undefined) return undefined
  for (const table of ['/proc/net/tcp', '/proc/net/tcp6']) {
    let lines: string[]
    try {
      lines = readFileSync(table, 'latin1').split('\n')
    } catch {
      continue
    }
    for (const line of lines) {
      const fields = line.trim().split(/\s+/)
      const mapped = `0000000000000000FFFF0000${wanted}`
      if (fields[1] === wanted || fields[1] === mapped) return Number(fields[7])
    }
  }
  return undefined
}

/** Whether somebody else's process is known to be at the other end. */
export function isStranger(socket: Socket, own = process.getuid?.()): boolean {
  const uid = userOf(socket)
  return uid !== undefined && own !== undefined && own !== 0 && uid !== own && uid !== 0
}

/**
 * Whether the address a browser used is one of this server: a site that makes its own name point here (DNS rebinding)
 * sends that name. Numbers cannot be made to.
 */
export function isOurName(header: string | undefined, host: string): boolean {
  if (header === undefined) return false
  const name = header
    .replace(/:\d+$/, '')
    .replace(/^\[(.*)\]$/, '$1')
    .toLowerCase()
  return isIP(name) !== 0 || (name !== '' && ['localhost', host, hostname()].some((n) => n.toLowerCase() === name))
}

/** Whether a page of this very server asks; WebSockets are not held back by the browser's own rules. */
export function isOwnOrigin({ headers }: IncomingMessage): boolean {
  return headers.origin !== undefined && headers.origin === `http://${headers.host}`
}
