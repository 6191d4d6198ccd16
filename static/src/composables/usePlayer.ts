/**
 * A player on a video element of the page.
 *
 * `mediaTime()` is the wall clock of the frame on screen, in ms since the epoch: what comments, attendance and replay share.
 * It is read afresh at each call; `mediaTime(position)` is that of the frame at a position, in s.
 */
import { onScopeDispose, shallowRef, watch, type Ref, type ShallowRef } from 'vue'
import type { Source } from '@/media/player/engine'
import { Player, type Snapshot } from '@/media/player/player'

const NOTHING: Snapshot = { state: 'idle', muted: true, position: 0, duration: 0, buffered: 0, rate: 1, troubled: false }

export interface PlayerHandle {
  snapshot: ShallowRef<Snapshot>
  mediaTime: (position?: number) => number | null
  /** s; where the picture of a moment (ms since the epoch) is, null while unknown. */
  positionAt: (date: number) => number | null
  /** The player itself, once its element is there. */
  player: () => Player | null
}

export function usePlayer(video: Ref<HTMLVideoElement | null>, source: Ref<Source | null>, expecting?: Ref<boolean>): PlayerHandle {
  const snapshot = shallowRef<Snapshot>(NOTHING)
  let player: Player | null = null

  watch(
    video,
    (element) => {
      player?.destroy()
      player = null
      if (element === null) return
      player = new Player(element, (now) => {
        snapshot.value = now
      })
      player.expecting = expecting?.value ?? true
      player.open(source.value)
    },
    { immediate: true, flush: 'post' },
  )
  watch(
    () => [source.value?.url, source.value?.live],
    () => player?.open(source.value),
  )
  if (expecting !== undefined) {
    watch(expecting, (now) => {
      if (player !== null) player.expecting = now
    })
  }
  onScopeDispose(() => {
    player?.destroy()
    player = null
  })
  return { snapshot, mediaTime: (position) => player?.mediaTime(position) ?? null, positionAt: (date) => player?.positionAt(date) ?? null, player: () => player }
}
