import { beforeEach, expect, it, vi } from 'vitest'
import { computed, nextTick, ref, shallowRef } from 'vue'
import { withSetup } from '@/core/testing'
import type { Comment } from './comment'
import type { Comments } from './useComments'
import { useReading } from './useReading'

const HIGH = 400 // px, the list
const EACH = 40 // px, a comment

let resized: () => void = () => undefined

beforeEach(() => {
  vi.stubGlobal(
    'ResizeObserver',
    class {
      constructor(told: () => void) {
        resized = told
      }
      observe = () => undefined
      disconnect = () => undefined
    },
  )
})

/** A list as a browser would lay it out: comments of one height, one below the other. */
function laidOut() {
  const element = document.createElement('div')
  document.body.append(element)
  const items = new Map<string, HTMLElement>()
  let high = HIGH
  Object.defineProperty(element, 'clientHeight', { get: () => high })
  Object.defineProperty(element, 'scrollHeight', { get: () => Math.max(high, element.children.length * EACH) })
  element.getBoundingClientRect = () => ({ top: 0 }) as DOMRect
  function item(key: string): HTMLElement {
    const made = document.createElement('div')
    made.dataset['comment'] = key
    made.getBoundingClientRect = () => {
      const top = Array.from(element.children).indexOf(made) * EACH - element.scrollTop
      return { top, bottom: top + EACH } as DOMRect
    }
    items.set(key, made)
    return made
  }
  return {
    element,
    draw: (keys: string[]) => {
      element.replaceChildren(...keys.map((key) => items.get(key) ?? item(key)))
    },
    /** Not shown, as in a tab that is not chosen: it forgets where it stood. */
    hide: (hidden: boolean) => {
      high = hidden ? 0 : HIGH
      if (hidden) element.scrollTop = 0
      resized()
    },
    top: (key: string) => items.get(key)?.getBoundingClientRect().top,
  }
}

function reading(first: number, last: number) {
  const list = laidOut()
  const comments = shallowRef<readonly Comment[]>([])
  const state = shallowRef({ unread: 0, back: false, detached: false, atStart: false })
  const edge = () => ({ state: ref<'idle' | 'loading' | 'failed'>('idle'), message: ref(''), load: vi.fn(() => Promise.resolve()) })
  const [earlier, later] = [edge(), edge()]
  const turn = vi.fn((back: boolean) => {
    state.value = { ...state.value, back }
  })
  const room = { comments, state, earlier, later, turn, online: computed(() => true) } as unknown as Comments
  const mounted = withSetup({}, () => useReading(shallowRef(list.element), room))

  async function show(from: number, to: number): Promise<void> {
    const keys = Array.from({ length: to - from + 1 }, (_, index) => String(from + index))
    comments.value = keys.map((key) => ({ key }) as Comment)
    await Promise.resolve() // the composable looks before, Vue draws, the composable looks again
    list.draw(keys)
    await nextTick()
    await nextTick()
  }

  function scroll(to: number): void {
    list.element.scrollTop = to
    mounted.result.scrolled()
  }

  return { ...mounted, ...list, state, earlier, later, turn, show, scroll, ready: show(first, last) }
}

it('stays at the newest while its reader is there', async () => {
  const { element, show, ready, scroll, turn } = reading(1, 50)
  await ready
  expect(element.scrollTop).toBe(2000)
  scroll(1590)
  expect(turn).toHaveBeenLastCalledWith(false)
  await show(1, 60)
  expect(element.scrollTop).toBe(2400)
})

it('holds the comment that is read, whatever comes or goes above and below it', async () => {
  const { top, show, ready, scroll, state } = reading(101, 200)
  await ready
  scroll(1010)
  expect(state.value.back).toBe(true)
  expect(top('126')).toBe(-10)
  await show(1, 200)
  expect(top('126')).toBe(-10)
  await show(1, 230)
  expect(top('126')).toBe(-10)
  await show(51, 230)
  expect(top('126')).toBe(-10)
})

it('asks for what lies beyond before its reader comes to the edge, and not again after a failure', async () => {
  const { ready, scroll, earlier, later, state } = reading(101, 200)
  await ready
  scroll(1000)
  expect(earlier.load).not.toHaveBeenCalled()
  scroll(200)
  expect(earlier.load).toHaveBeenCalledTimes(1)
  earlier.state.value = 'failed'
  scroll(100)
  expect(earlier.load).toHaveBeenCalledTimes(1)
  scroll(3590)
  expect(later.load).not.toHaveBeenCalled()
  state.value = { ...state.value, detached: true }
  scroll(3590)
  expect(state.value.back).toBe(true)
  expect(later.load).toHaveBeenCalledTimes(1)
})

it('keeps its place while it is out of sight', async () => {
  const { element, ready, scroll, hide, show, state, earlier } = reading(1, 100)
  await ready
  scroll(1000)
  hide(true)
  scroll(0)
  await show(1, 101)
  expect(state.value.back).toBe(true)
  expect(earlier.load).not.toHaveBeenCalled()
  hide(false)
  expect(element.scrollTop).toBe(1000)
})

it('offers the way to the newest from further off, and goes there', async () => {
  const { element, ready, scroll, result } = reading(1, 100)
  await ready
  scroll(3000)
  expect(result.far.value).toBe(false)
  scroll(2000)
  expect(result.far.value).toBe(true)
  result.toEnd()
  await nextTick()
  expect(element.scrollTop).toBe(4000)
})
