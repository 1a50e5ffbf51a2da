/** Writes to standard output at the pace of its reader, so that a long listing never piles up in memory. */
import { once } from 'node:events'

export async function print(text: string): Promise<void> {
  if (!process.stdout.write(text)) await once(process.stdout, 'drain')
}
