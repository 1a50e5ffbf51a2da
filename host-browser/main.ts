/**
 * One script for the page and its worker: they share most of what they know, and the page then is a single file that
 * opens from anywhere, from file:// too, where a page may load no second script. The page hands its own text to the
 * worker (state/client.ts).
 */
import { startPage } from './page.tsx'
import { startWorker } from './worker/worker.ts'

if (typeof document === 'undefined') startWorker()
else if (document.readyState === 'loading') document.addEventListener('DOMContentLoaded', startPage)
else startPage()
