/** Where something that lies over the page must hang: in full screen only what is inside the full-screen element can be seen. */
import { onScopeDispose, shallowRef, type ShallowRef } from 'vue'

type OldDocument = Document & { webkitFullscreenElement?: Element | null }
const EVENTS = ['fullscreenchange', 'webkitfullscreenchange'] as const

export function useOverlayPlace(): Readonly<ShallowRef<Element | 'body'>> {
  const page = document as OldDocument
  const now = () => page.fullscreenElement ?? page.webkitFullscreenElement ?? 'body'
  const place = shallowRef<Element | 'body'>(now())
  const moved = () => {
    place.value = now()
  }
  for (const name of EVENTS) document.addEventListener(name, moved)
  onScopeDispose(() => {
    for (const name of EVENTS) document.removeEventListener(name, moved)
  })
  return place
}
