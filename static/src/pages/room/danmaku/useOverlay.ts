/**
 * Comments over a picture: each comes in when its frame is on the screen (see `schedule`), if there is room (see `lanes`), and moves
 * while the picture does.
 */
import { computed, onScopeDispose, ref, shallowRef, watch, type Ref } from 'vue'
import { everyFrame } from '@/media/player/frames'
import type { Comment } from '../comments/comment'
import { StillBoard, type Board, type BoardMaker, type Frame } from './board'
import { StageClock } from './clock'
import { widthOf } from './element'
import type { DanmakuFeed } from './feed'
import { frameOf, roomOf, typeSize } from './geometry'
import { Lanes } from './lanes'
import { Schedule } from './schedule'
import { wantsStill, type DanmakuSettings } from './settings'

/** s between two looks at what has gone by */
const SWEEP = 1

export interface Overlaid {
  video: Ref<HTMLVideoElement | null>
  /** ms since the epoch of the frame at a position (s). */
  mediaTime: (position?: number) => number | null
  /** The picture moves. */
  moving: Ref<boolean>
  feed: DanmakuFeed
  settings: DanmakuSettings
}

const loadMoving = async (): Promise<BoardMaker> => {
  const { MovingBoard } = await import('./moving')
  return (place, clock, frame) => new MovingBoard(place, clock, frame)
}

/** `layer`: where comments may be; `place`: the part of it that the lanes take. */
export function useOverlay(layer: Ref<HTMLElement | null>, place: Ref<HTMLElement | null>, { video, mediaTime, moving, feed, settings }: Overlaid, load = loadMoving) {
  const still = wantsStill()
  const clock = new StageClock()
  const schedule = new Schedule()
  const size = shallowRef({ width: 0, height: 0 })
  const type = computed(() => typeSize(size.value.width, settings.size))
  const frame = computed(() => frameOf(size.value, type.value, settings, still))
  const lanes = new Lanes<Comment>(roomOf(frame.value, settings, still))
  const board = shallowRef<Board | null>(null)
  const ready = ref(false)
  const brush = typeof document.createElement('canvas').getContext === 'function' ? document.createElement('canvas').getContext('2d') : null
  let swept = 0

  function begin(target: HTMLElement, maker: BoardMaker): void {
    if (!settings.on || place.value !== target) return
    board.value = maker(target, clock, frame.value)
    ready.value = true
  }

  function end(): void {
    board.value?.destroy()
    board.value = null
    ready.value = false
    lanes.clear()
  }

  function frameShown(position: number): void {
    const { value: now } = board
    if (now === null || !moving.value || document.hidden) return
    const moment = mediaTime(position)
    if (moment === null) return
    const { due, jumped } = schedule.advance(moment)
    if (jumped) {
      now.clear()
      lanes.clear()
    }
    const at = clock.currentTime
    for (const comment of lanes.again(at)) now.show(comment)
    for (const comment of due) if (admitted(comment, at)) now.show(comment)
    if (at - swept > SWEEP) {
      swept = at
      now.sweep()
    }
  }

  function admitted(comment: Comment, at: number): boolean {
    const family = layer.value === null ? 'sans-serif' : getComputedStyle(layer.value).fontFamily
    return lanes.admits(comment, () => widthOf(comment, type.value, brush, family), at, comment.mine || comment.badge !== null)
  }

  function gone(offset: number): void {
    schedule.gone(offset)
    lanes.withdraw((each) => each.offset === offset)
    board.value?.remove(offset)
  }

  watch(
    [() => settings.on, place],
    ([on, target]) => {
      end()
      if (!on || target === null) return
      if (still) begin(target, (...given) => new StillBoard(...given))
      else load().then((maker) => { begin(target, maker) }, () => undefined) // without it the list still has everything
    },
    { immediate: true, flush: 'post' },
  )
  watch(frame, (now: Frame) => {
    board.value?.fit(now)
    lanes.clear()
  })
  watch([frame, () => settings.density], () => {
    lanes.fit(roomOf(frame.value, settings, still))
  })
  watch(moving, (on) => { clock.run(on) }, { immediate: true })

  let unwatch = (): void => undefined
  watch(video, (element) => {
    unwatch()
    unwatch = element === null ? () => undefined : everyFrame(element, frameShown)
  }, { immediate: true })

  const observer = typeof ResizeObserver === 'undefined' ? null : new ResizeObserver(measure)
  function measure(): void {
    const { value: element } = layer
    if (element !== null) size.value = { width: element.clientWidth, height: element.clientHeight }
  }
  watch(layer, (element) => {
    observer?.disconnect()
    if (element === null) return
    observer?.observe(element)
    measure()
  }, { immediate: true, flush: 'post' })

  const detach = feed.attach({
    known: (comments) => { schedule.known(comments) },
    said: (comment, fresh) => { schedule.said(comment, fresh) },
    gone,
  })
  onScopeDispose(() => {
    detach()
    unwatch()
    observer?.disconnect()
    end()
  })
  return { frame, type, ready }
}
