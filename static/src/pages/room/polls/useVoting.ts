/**
 * One's own votes: sent until the server has answered, kept over a reload of the page and then sent on under the same client id. A
 * later choice takes the place of an earlier one that is still on its way, so that none can arrive late and undo it.
 */
import { shallowRef, watch } from 'vue'
import { BallotStore, type Ballot } from '@/core/ballots'
import { useContext } from '@/core/context'
import { newId } from '@/core/id'
import { Refused, type PollVoteAck, type PollVoteIn } from '@/protocol'

/** `counted`: a vote has been acknowledged. */
export function useVoting(broadcastId: string, counted: (poll: string) => void) {
  const { live, session } = useContext()
  const ballots = shallowRef<ReadonlyMap<string, Ballot>>(new Map())
  /** Why the last vote in a poll was refused, in words. */
  const faults = shallowRef<ReadonlyMap<string, string>>(new Map())
  let store: BallotStore | null = null

  function put(poll: string, ballot: Ballot | null, fault = ''): void {
    const next = new Map(ballots.value)
    if (ballot === null) next.delete(poll)
    else next.set(poll, ballot)
    ballots.value = next
    store?.write(next)
    const words = new Map(faults.value)
    if (fault === '') words.delete(poll)
    else words.set(poll, fault)
    faults.value = words
  }

  async function deliver(poll: string, options: number[], clientId: string, before: Ballot | null): Promise<void> {
    put(poll, { options, pending: clientId })
    try {
      const asked: PollVoteIn = { poll, options, client_id: clientId }
      await live.write<PollVoteAck>('poll.vote', asked)
      if (ballots.value.get(poll)?.pending !== clientId) return
      put(poll, { options, pending: '' })
      counted(poll)
    } catch (reason) {
      if (ballots.value.get(poll)?.pending !== clientId || (reason instanceof Refused && reason.code === 'dropped')) return
      put(poll, before, reason instanceof Refused ? reason.message : '没有投出去，请再试一次')
    }
  }

  function vote(poll: string, options: number[]): void {
    const before = ballots.value.get(poll) ?? null
    if (before !== null && before.pending !== '') live.drop(before.pending)
    void deliver(poll, options, newId(), before?.pending === '' ? before : null)
  }

  /** What the server knows of one's own vote; a vote on its way is newer. */
  function known(poll: string, options: number[] | null): void {
    const mine = ballots.value.get(poll)
    if (options !== null && (mine === undefined || mine.pending === '')) put(poll, { options, pending: '' })
  }

  watch(
    () => session.member.value?.id,
    (member) => {
      store = member === undefined ? null : new BallotStore(member, broadcastId)
      ballots.value = store?.read() ?? new Map()
      faults.value = new Map()
      for (const [poll, { options, pending }] of ballots.value) if (pending !== '') void deliver(poll, options, pending, null)
    },
    { immediate: true },
  )
  return { ballots, faults, vote, known }
}
