/** What the stage of a room shows, decided from the broadcast alone. */
import type { Broadcast } from '@/api'

export type Stage = 'before' | 'live' | 'interrupted' | 'ended' | 'cut_off' | 'cancelled'

export function stageOf(broadcast: Pick<Broadcast, 'state' | 'playback'>): Stage {
  switch (broadcast.state) {
    case 'scheduled':
    case 'rehearsal':
      return 'before'
    case 'live':
      return 'live'
    default:
      return broadcast.state
  }
}

/** The picture stays while the host is gone and for the last seconds after the end, so that nobody loses the closing words. */
export function hasPicture(stage: Stage): boolean {
  return stage === 'live' || stage === 'interrupted'
}
