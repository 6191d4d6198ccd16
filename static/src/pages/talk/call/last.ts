/** Where the last call stood, by what was said before the page was loaded. Pure. */
import type { CallSignal } from '@/sealed/content'
import type { Opened, Posted } from '../thread'

interface Ring {
  signal: CallSignal
  at: string
}

const OVER: readonly string[] = ['decline', 'cancel', 'busy', 'hangup']

/** `ring`: of the other side, and nobody has said a word since. `open`: it was taken, and nobody has ended it. */
export function lastCall(found: readonly { posted: Posted; opened: Opened }[]): { ring: Ring | null; open: CallSignal | null } {
  const now: { ring: Ring | null; open: CallSignal | null } = { ring: null, open: null }
  for (const { posted, opened } of found) {
    if (typeof opened !== 'object' || (opened.t !== 'call' && opened.t !== 'call-end')) continue
    if (now.ring?.signal.call === opened.call) now.ring = null
    if (now.open?.call === opened.call && (opened.t === 'call-end' || OVER.includes(opened.step))) now.open = null
    if (opened.t === 'call-end') continue
    if (opened.step === 'ring' && !posted.mine) now.ring = { signal: opened, at: posted.at }
    if (opened.step === 'accept') now.open = opened
  }
  return now
}
