/** What becomes of one's own comments that were held: told on one's own channel, so that it survives a reload and reaches every device. */
import { shallowRef, watch } from 'vue'
import type { OwnHeld } from '@/api'
import { useContext } from '@/core/context'
import { Dismissed } from '@/core/dismissed'
import { useOwnChannel } from '@/core/own-channel'
import { Review } from './review'

/** `changed`: something has to be shown anew. */
export function useReview(broadcastId: string, changed: () => void) {
  const { session, clock } = useContext()
  const opened = clock.now()
  const review = new Review(broadcastId)
  /** The one that was turned down last, while its writer was here. */
  const turnedDown = shallowRef<OwnHeld | null>(null)
  const dismissed = () => new Dismissed(`hongbo.dismissed.${session.speaker.value?.id ?? ''}`)

  useOwnChannel({
    snapshot(state) {
      const gone = new Set(dismissed().ids)
      review.begin(((state['held'] as { latest: OwnHeld[] } | undefined)?.latest ?? []).filter(({ id }) => !gone.has(id)))
      changed()
    },
    entries(entries) {
      const gone = new Set(dismissed().ids)
      for (const { type, at, data } of entries) {
        const held = data as unknown as OwnHeld
        if ((type !== 'held.added' && type !== 'held.decided') || gone.has(held.id)) continue
        const down = review.heard(held)
        // A snapshot may be some entries old: what they tell is no news.
        if (down !== null && !(Date.parse(at) < opened)) turnedDown.value = down
      }
      changed()
    },
  })

  watch(
    () => session.speaker.value?.id,
    () => {
      review.clear()
      turnedDown.value = null
      changed()
    },
  )

  /** It was turned down, and its writer has read why. */
  function dismiss(id: string): void {
    dismissed().add(id)
    review.discard(id)
    changed()
  }

  function waits(held: OwnHeld): void {
    review.waits(held)
    changed()
  }

  return { review, turnedDown, waits, dismiss }
}
