import { beforeEach, expect, it, vi } from 'vitest'
import { nextTick, reactive, ref, shallowRef } from 'vue'
import { withSetup } from '@/core/testing'
import type { Comment } from '../comments/comment'
import type { Board, BoardMaker } from './board'
import { DanmakuFeed } from './feed'
import { defaults } from './settings'
import { useOverlay } from './useOverlay'

const comment = (offset: number, mediaAt: number, more: Partial<Comment> = {}): Comment => ({ key: `o${offset}`, offset, mediaAt, text: String(offset), name: '封书瑶', badge: null, id: '', at: '', author: '', answers: '', removed: '', mine: false, state: 'posted', reason: '', ...more })
let calls: string[]
const maker: BoardMaker = () => {
  const board: Board = {
    show: ({ offset }) => calls.push(`show ${offset}`),
    remove: (offset) => calls.push(`remove ${offset}`),
    clear: () => calls.push('clear'),
    fit: () => undefined,
    sweep: () => false,
    destroy: () => calls.push('destroy'),
  }
  return board
}

beforeEach(() => {
  calls = []
})

/** A picture of 800 × 450 that shows what it is told to. */
async function over(settings = reactive(defaults(false))) {
  const frames: ((now: number, frame: { mediaTime: number }) => void)[] = []
  const video = Object.assign(document.createElement('video'), {
    requestVideoFrameCallback: (tell: (typeof frames)[number]) => frames.push(tell),
    cancelVideoFrameCallback: () => undefined,
  })
  const layer = document.createElement('div')
  vi.spyOn(layer, 'clientWidth', 'get').mockReturnValue(800)
  vi.spyOn(layer, 'clientHeight', 'get').mockReturnValue(450)
  const moving = ref(true)
  const feed = new DanmakuFeed(() => null, () => 0)
  // The recording begins at second 1000.
  const mediaTime = (position = 0) => 1_000_000 + position * 1_000
  const { unmount } = withSetup({}, () => useOverlay(shallowRef(layer), shallowRef(layer), { video: shallowRef(video), mediaTime, moving, feed, settings }, () => Promise.resolve(maker)))
  await nextTick()
  await nextTick()
  const shows = (position: number) => { frames.splice(0).forEach((tell) => { tell(0, { mediaTime: position }) }) }
  return { feed, settings, moving, shows, unmount }
}

it('brings each in with its frame', async () => {
  const { feed, shows, unmount } = await over()
  shows(0)
  feed.around([comment(1, 1_000_500), comment(2, 1_001_000)])
  calls = []
  shows(0.48)
  expect(calls).toEqual([])
  shows(0.52)
  shows(1)
  expect(calls).toEqual(['show 1', 'show 2'])
  unmount()
  expect(calls[calls.length - 1]).toBe('destroy')
})

it('brings nothing in while the picture stands', async () => {
  const { feed, moving, shows, unmount } = await over()
  shows(0)
  feed.around([comment(1, 1_000_500)])
  calls = []
  moving.value = false
  shows(0.6)
  expect(calls).toEqual([])
  unmount()
})

it('clears for a jump', async () => {
  const { feed, shows, unmount } = await over()
  feed.around([comment(1, 1_000_000), comment(2, 1_059_500), comment(3, 1_030_000)].sort((a, b) => (a.mediaAt ?? 0) - (b.mediaAt ?? 0)))
  shows(0.1)
  calls = []
  shows(60)
  expect(calls).toEqual(['clear', 'show 2'])
  unmount()
})

it('takes words off the picture when they are taken back', async () => {
  const { feed, unmount } = await over()
  calls = []
  feed.removalsOnly.entries([{ offset: 9, type: 'comment.removed', at: '', data: { id: 'x', redacts: 4, left: { removed: 'host' } } }])
  expect(calls).toEqual(['remove 4'])
  unmount()
})

it('goes when it is switched off, and comes back', async () => {
  const { feed, settings, shows, unmount } = await over()
  settings.on = false
  await nextTick()
  expect(calls).toContain('destroy')
  calls = []
  feed.around([comment(1, 1_000_500)])
  shows(0.6)
  expect(calls).toEqual([])
  settings.on = true
  await nextTick()
  await nextTick()
  feed.around([comment(1, 1_000_500), comment(2, 1_000_700)])
  shows(0.7)
  expect(calls.filter((each) => each.startsWith('show'))).toEqual(['show 1', 'show 2'])
  unmount()
})

it('lets no flood over the picture', async () => {
  const { feed, shows, unmount } = await over()
  shows(0)
  feed.around(Array.from({ length: 1_000 }, (_, index) => comment(index + 1, 1_000_000 + index * 5)))
  for (let position = 0; position < 5; position += 0.04) shows(position)
  expect(calls.filter((each) => each.startsWith('show')).length).toBeLessThan(12)
  unmount()
})
