/** What this tab was sending, so that a reload can go on with just that. Kept for the tab only. */
import type { Wanted } from '@/media/capture'
import type { Picture } from './useSources'

/** What the host had chosen. A picture that was hidden and a microphone that was muted stay so. */
export interface Choice {
  picture: Picture
  sound: boolean
  muted: boolean
  wanted: Wanted
  microphoneId: string
}

const KEY = 'hongbo.sending'

export function rememberSending(id: string, choice: Choice): void {
  try {
    sessionStorage.setItem(KEY, JSON.stringify({ id, choice }))
  } catch {
    // Refused storage: then there is no way on after a reload but by hand.
  }
}

export function forgetSending(): void {
  try {
    sessionStorage.removeItem(KEY)
  } catch {
    // Nothing was kept either.
  }
}

/** null: this tab was not sending that broadcast. */
export function wasSending(id: string): Choice | null {
  try {
    const kept = JSON.parse(sessionStorage.getItem(KEY) ?? 'null') as { id: string; choice: Choice } | null
    return kept?.id === id ? kept.choice : null
  } catch {
    return null
  }
}
