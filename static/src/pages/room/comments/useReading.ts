/**
 * Where the list stands: at the newest comment while its reader is there, and else at the very comment that is being read, whatever
 * comes or goes above and below it. Near either end it asks for what lies beyond.
 */
import { nextTick, onScopeDispose, ref, watch, type Ref } from 'vue'
import type { Comments } from './useComments'

/** px from the end within which one reads the newest */
const NEAR = 60
/** px from an edge within which the next page is asked for */
const AHEAD = 240

/** A list whose newest come in at its end. */
export type Readable = Pick<Comments, 'comments' | 'state' | 'earlier' | 'later' | 'online' | 'turn'>

interface Anchor {
  item: HTMLElement
  top: number
}

export function useReading(list: Ref<HTMLElement | null>, comments: Readable) {
  /** The newest are more than two screens away. */
  const far = ref(false)
  /** Where it stood when it was last in sight: an element that is not shown forgets it. */
  let place = 0

  function below(element: HTMLElement): number {
    return element.scrollHeight - element.scrollTop - element.clientHeight
  }

  function scrolled(): void {
    const element = list.value
    if (element === null || element.clientHeight === 0) return
    place = element.scrollTop
    const { detached } = comments.state.value
    comments.turn(detached || below(element) >= NEAR)
    far.value = detached || below(element) > 2 * element.clientHeight
    if (comments.state.value.back) lookAhead(element)
  }

  function lookAhead(element: HTMLElement): void {
    const { detached, atStart } = comments.state.value
    const { earlier, later } = comments
    if (!atStart && element.scrollTop < AHEAD && earlier.state.value === 'idle') void earlier.load()
    if (detached && below(element) < AHEAD && later.state.value === 'idle') void later.load()
  }

  function toEnd(): void {
    comments.turn(false)
    void nextTick(settle)
  }

  /** To the newest, or back to where it was. */
  function settle(): void {
    const element = list.value
    if (element === null || element.clientHeight === 0) return
    element.scrollTop = comments.state.value.back ? place : element.scrollHeight
  }

  /** The first comment in sight. */
  function anchor(element: HTMLElement): Anchor | null {
    const edge = element.getBoundingClientRect().top
    for (const item of element.querySelectorAll<HTMLElement>('[data-comment]')) {
      const { top, bottom } = item.getBoundingClientRect()
      if (bottom > edge) return { item, top }
    }
    return null
  }

  // Before the page changes: where does the reader stand?
  watch([comments.comments, comments.earlier.state, comments.online], async () => {
    const element = list.value
    const held = element !== null && comments.state.value.back ? anchor(element) : null
    await nextTick()
    if (element === null) return
    if (held === null) settle()
    else if (held.item.isConnected) element.scrollTop += held.item.getBoundingClientRect().top - held.top
    else scrolled() // what was read is gone, with another history in its place
  })

  // Comes into sight, or the keyboard takes half of the screen: the newest stays in sight.
  const observer = typeof ResizeObserver === 'undefined' ? null : new ResizeObserver(settle)
  watch(
    list,
    (element) => {
      observer?.disconnect()
      if (element !== null) observer?.observe(element)
    },
    { immediate: true },
  )
  onScopeDispose(() => {
    observer?.disconnect()
  })
  return { far, scrolled, toEnd }
}
