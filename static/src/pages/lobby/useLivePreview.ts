/** The live picture on a card: only while the card and the page are in sight, something is on air, and it costs nobody money. */
import { onScopeDispose, ref, watch, watchEffect, type Ref } from 'vue'
import type { Broadcast } from '@/api'
import { useContext } from '@/core/context'
import { mayPreview, Preview, thriftHere, type Glimpse } from '@/media/preview'

export interface PreviewParts {
  card: Readonly<Ref<HTMLElement | null>>
  video: Readonly<Ref<HTMLVideoElement | null>>
  canvas: Readonly<Ref<HTMLCanvasElement | null>>
}

export function useLivePreview(broadcast: () => Broadcast, parts: PreviewParts) {
  const { api, session } = useContext()
  const glimpse = ref<Glimpse>('none')
  const inSight = ref(false)
  const awake = ref(!document.hidden)
  const possible = 'IntersectionObserver' in window && mayPreview(thriftHere())
  let preview: Preview | null = null

  const seen = () => {
    awake.value = !document.hidden
  }
  document.addEventListener('visibilitychange', seen)
  const observer = possible ? new IntersectionObserver(([entry]) => { inSight.value = entry?.isIntersecting === true }, { threshold: 0.5 }) : null

  watch(parts.card, (card) => {
    observer?.disconnect()
    if (card !== null) observer?.observe(card)
  }, { immediate: true, flush: 'post' })

  watchEffect(() => {
    const { video, canvas } = parts
    if (!possible || video.value === null || canvas.value === null) return
    preview ??= new Preview(video.value, canvas.value, (now) => { glimpse.value = now })
    const { state, playback } = broadcast()
    const url = inSight.value && awake.value && state === 'live' ? (playback?.hls ?? null) : null
    void look(url)
  }, { flush: 'post' })

  async function look(url: string | null): Promise<void> {
    // A visitor's permission to fetch the stream comes with the broadcast itself.
    if (url !== null && session.member.value === null) await api.broadcast(broadcast().id).catch(() => undefined)
    preview?.look(url)
  }

  onScopeDispose(() => {
    observer?.disconnect()
    document.removeEventListener('visibilitychange', seen)
    preview?.destroy()
  })
  return { glimpse }
}
