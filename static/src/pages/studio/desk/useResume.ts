/**
 * Going on after a reload. What this tab was sending while on air is sent again by itself, if the browser opens the devices without a
 * question: viewers wait, and nobody should have to find a button first. Where it would ask, the button stays, since such a question
 * out of nowhere is refused by habit. Nothing comes back that was hidden: a muted microphone stays muted, a closed picture stays
 * closed, and a shared screen, which only a press can share again, comes back as the card.
 */
import { ref, watch, type Ref } from 'vue'
import type { Broadcast } from '@/api'
import { opensUnasked } from '@/media/capture'
import { wasSending, type Choice } from './resume'
import type { Publishing } from './usePublishing'
import type { Sources } from './useSources'

export function useResume(id: string, broadcast: Readonly<Ref<Broadcast | null>>, sources: Sources, publishing: Publishing) {
  const kept = wasSending(id)
  const onAir = () => ['live', 'interrupted'].includes(broadcast.value?.state ?? '')
  /** This tab was sending before it was loaded, and has not gone on yet. */
  const offered = ref(kept !== null)
  /** Sending was taken up without a press; until somebody has taken note of it. */
  const byItself = ref(false)

  async function resume(): Promise<void> {
    offered.value = false
    if (!sources.opened.value) await (kept === null ? sources.open() : sources.reopen(kept))
    if (sources.ready.value && !publishing.active.value) publishing.start({ resuming: true })
  }

  async function tryBySelf(choice: Choice): Promise<void> {
    if (!onAir()) return
    const needed = [choice.picture === 'camera' ? ('camera' as const) : null, choice.sound ? ('microphone' as const) : null]
    if (!(await opensUnasked(needed.filter((each) => each !== null)))) return
    // Whoever was quicker than the answer has decided.
    if (!offered.value || !onAir() || sources.opened.value) return
    byItself.value = true
    await resume()
    byItself.value = publishing.active.value
  }

  // Decided once, when the page first knows how things stand: a camera must not open by itself in the middle of something else.
  watch(() => broadcast.value !== null, () => { if (kept !== null) void tryBySelf(kept) }, { once: true })
  watch(publishing.active, (now) => { if (now) offered.value = false })

  return {
    offered, byItself, resume,
    /** The host has seen it. */
    noted: () => { byItself.value = false },
    halt: async (): Promise<void> => {
      byItself.value = false
      await publishing.stop()
    },
  }
}
