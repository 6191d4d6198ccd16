/** Full screen of the stage where the browser can, of the bare video on iPhones, which know no other. */
import { onScopeDispose, ref, type Ref } from 'vue'

type PhoneVideo = HTMLVideoElement & { webkitEnterFullscreen?: () => void }
type OldElement = HTMLElement & { webkitRequestFullscreen?: () => void }
type OldDocument = Document & { webkitFullscreenElement?: Element | null; webkitExitFullscreen?: () => void }
type Turnable = ScreenOrientation & { lock?: (to: 'landscape' | 'portrait') => Promise<void> }

export function useFullscreen(stage: Ref<HTMLElement | null>, video: Ref<HTMLVideoElement | null>) {
  const active = ref(false)
  const page = document as OldDocument

  function noticed(): void {
    active.value = (page.fullscreenElement ?? page.webkitFullscreenElement ?? null) !== null
  }

  async function enter(turned: 'landscape' | 'portrait'): Promise<void> {
    const element: OldElement | null = stage.value
    const bare: PhoneVideo | null = video.value
    if (typeof element?.requestFullscreen === 'function') {
      await element.requestFullscreen()
      await (screen.orientation as Turnable | undefined)?.lock?.(turned)
    } else if (typeof element?.webkitRequestFullscreen === 'function') {
      element.webkitRequestFullscreen()
    } else {
      bare?.webkitEnterFullscreen?.()
    }
  }

  function toggle(turned: 'landscape' | 'portrait'): void {
    if (!active.value) {
      // Turning the screen is refused on desktops; full screen itself may be refused too. Neither is worth a word.
      enter(turned).catch(() => undefined)
    } else if (typeof page.exitFullscreen === 'function') {
      page.exitFullscreen().catch(() => undefined)
    } else {
      page.webkitExitFullscreen?.()
    }
  }

  for (const name of ['fullscreenchange', 'webkitfullscreenchange']) document.addEventListener(name, noticed)
  onScopeDispose(() => {
    for (const name of ['fullscreenchange', 'webkitfullscreenchange']) document.removeEventListener(name, noticed)
  })
  return { active, toggle }
}
