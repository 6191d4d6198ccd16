/** Whether the person before the screen may not write in a room, until when and why; live, and over when its time is over. */
import { computed, shallowRef } from 'vue'
import type { OwnMute } from '@/api'
import { useNow } from '@/composables/useNow'
import { holds, mutedWords } from '@/core/mutes'
import { useOwnChannel } from '@/core/own-channel'

export function useOwnMutes(broadcastId: string) {
  const mutes = shallowRef<readonly OwnMute[]>([])
  const now = useNow()

  useOwnChannel({
    snapshot(state) {
      mutes.value = (state['mutes'] as { set: OwnMute[] } | undefined)?.set ?? []
    },
    entries(entries) {
      for (const { type, data } of entries) {
        if (type !== 'mute.set' && type !== 'mute.lifted') continue
        const mute = data as unknown as OwnMute
        const others = mutes.value.filter(({ scope }) => scope !== mute.scope)
        mutes.value = type === 'mute.set' ? [...others, mute] : others
      }
    },
  })

  /** The one that lasts longest says it. */
  const muted = computed(() => {
    const mine = mutes.value.filter((mute) => (mute.scope === null || mute.scope === broadcastId) && holds(mute, now.value))
    const end = ({ until, scope }: OwnMute) => (until !== null ? Date.parse(until) : scope === null ? Infinity : Number.MAX_SAFE_INTEGER)
    const longest = [...mine].sort((one, other) => end(other) - end(one))[0]
    return longest === undefined ? '' : mutedWords(longest, now.value)
  })
  return muted
}
