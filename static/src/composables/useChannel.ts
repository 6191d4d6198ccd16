/**
 * A channel, followed once for everything that a page shows of it: each part takes its share of the snapshot, and of the entries and
 * signals after it.
 */
import { onScopeDispose } from 'vue'
import { useContext } from '@/core/context'
import type { Follower } from '@/protocol'

export type ChannelPart = Follower

export function useChannel(channel: string, parts: readonly ChannelPart[]): void {
  const { live } = useContext()
  const stop = live.follow(channel, {
    snapshot(state, at) {
      for (const part of parts) part.snapshot(state, at)
    },
    entries(entries) {
      for (const part of parts) part.entries(entries)
    },
    signals(values) {
      for (const part of parts) part.signals?.(values)
    },
    refused(reason) {
      for (const part of parts) part.refused?.(reason)
    },
  })
  onScopeDispose(stop)
}
