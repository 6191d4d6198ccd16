/**
 * A list under whose reader others work: what is read stays where it is on the screen, whatever comes and goes above it. What the eye is
 * on has the focus, so that a screen reader reads it too, unless the focus is somewhere else altogether.
 */
import { nextTick, watch, type Ref } from 'vue'

/** `rows`: what is shown; `current`: the id of what the eye is on. Elements carry their id in `data-id`. */
export function useSteady(list: Ref<HTMLElement | null>, rows: Ref<readonly { id: string }[]>, current: Ref<string>): void {
  const element = (id: string) => list.value?.querySelector<HTMLElement>(`[data-id="${CSS.escape(id)}"]`) ?? null

  watch([rows, current], async ([now, eye], [before, eyeBefore]) => {
    const box = list.value
    if (box === null) return
    const focused = document.activeElement
    const free = focused === null || focused.contains(box) || box.contains(focused)
    const top = element(eyeBefore)?.getBoundingClientRect().top
    await nextTick()
    const next = element(eye)
    if (next === null) return
    // What takes the place of the one that went stands where that stood.
    const inPlace = eye === eyeBefore || !now.some(({ id }) => id === eyeBefore)
    if (now !== before && inPlace && top !== undefined) box.scrollTop += next.getBoundingClientRect().top - top
    if (eye !== eyeBefore) next.scrollIntoView({ block: 'nearest' })
    if (free && (eye !== eyeBefore || document.activeElement === document.body)) next.focus({ preventScroll: true })
  })
}
