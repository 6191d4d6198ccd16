/** What was reported, and who may not write: of this room as its desk tells it, of all rooms as the server lists it. */
import { computed, shallowRef } from 'vue'
import { showToast } from 'vant'
import { inWords, type Case, type Mute } from '@/api'
import type { ChannelPart } from '@/composables/useChannel'
import { useNow } from '@/composables/useNow'
import { useResource } from '@/composables/useResource'
import { useContext } from '@/core/context'
import { holds } from '@/core/mutes'
import type { Entry } from '@/protocol'

const MOST = 100

export function usePeople() {
  const { api, session } = useContext()
  const here = shallowRef<readonly Mute[]>([])
  const cases = shallowRef<readonly Case[]>([])
  const now = useNow(5_000)
  const everywhere = useResource(async () => (session.moderates.value ? (await api.mutes(null, { limit: MOST })).items : []))

  const part: ChannelPart = {
    snapshot(state) {
      here.value = (state['mutes'] as { set: Mute[] } | undefined)?.set ?? []
      cases.value = (state['reports'] as { open: Case[] } | undefined)?.open ?? []
    },
    entries(entries) {
      entries.forEach(hear)
    },
  }

  function hear({ type, data }: Entry): void {
    if (type === 'mute.set' || type === 'mute.lifted') {
      const mute = data as unknown as Mute
      const others = here.value.filter(({ member }) => member.id !== mute.member.id)
      here.value = type === 'mute.set' ? [...others, mute] : others
    }
    if (type === 'report.filed' || type === 'report.settled') {
      const one = data as unknown as Case
      const others = cases.value.filter(({ id }) => id !== one.id)
      cases.value = type === 'report.filed' ? [...others, one] : others
    }
  }

  async function attempt(work: () => Promise<unknown>, done: string): Promise<void> {
    try {
      await work()
      if (done !== '') showToast(done)
    } catch (error) {
      showToast(inWords(error))
    }
  }

  return {
    part,
    /** The urgent first, then by how many; among alike the oldest. */
    cases: computed(() => [...cases.value].sort((one, other) => Number(other.urgent) - Number(one.urgent) || other.count - one.count || (one.id < other.id ? -1 : 1))),
    /** Those that still hold, the newest first. */
    mutes: computed(() => [...[...here.value].reverse(), ...(everywhere.data.value ?? [])].filter((mute) => holds(mute, now.value))),
    now,
    message: everywhere.message,
    /** Somebody was muted everywhere: the desk hears of its own room alone. */
    again: everywhere.reload,
    lift: (mute: Mute) =>
      attempt(async () => {
        await api.liftMute(mute.id)
        if (mute.scope === null) await everywhere.reload()
      }, `已解除${mute.member.name}的禁言`),
    dismiss: (one: Case) => attempt(() => api.dismissReports(one.id), ''),
  }
}

export type People = ReturnType<typeof usePeople>
