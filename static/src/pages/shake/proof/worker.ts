/** The check, apart from the page: it stays smooth while 100,000 lines are read. Lists are fetched here, as everybody may fetch them. */
import type { Shaken } from './receipt'
import { verify, type Checked, type Published } from './verify'

export interface Asked {
  proof: Published
  own: Shaken[]
  /** Lists that came with the proof, by round; the others are fetched. */
  lists: Record<number, string>
  /** Where the list of a round is to be had; `{round}` stands for its number. */
  address: string
}

export type Told = { done: Checked; milliseconds: number } | { failed: 'network' | 'page' } | { reading: number }

type Scope = Pick<Worker, 'postMessage'> & { onmessage: ((event: MessageEvent<Asked>) => void) | null }
const scope = self as unknown as Scope
const tell = (told: Told): void => {
  scope.postMessage(told)
}

scope.onmessage = ({ data }) => {
  void check(data)
}

async function check({ proof, own, lists, address }: Asked): Promise<void> {
  let fetching = 0
  const list = async (round: number): Promise<string | null> => {
    const kept = lists[round]
    if (kept !== undefined) return kept
    tell({ reading: round })
    const began = performance.now()
    const answer = await fetch(address.replace('{round}', String(round)), { credentials: 'same-origin' }).catch(() => null)
    if (answer === null || answer.status >= 500) throw new Error('network')
    const text = answer.ok ? await answer.text() : null
    fetching += performance.now() - began
    return text
  }
  const began = performance.now()
  try {
    const done = await verify(proof, own, list)
    tell({ done, milliseconds: performance.now() - began - fetching })
  } catch (error) {
    tell({ failed: error instanceof Error && error.message === 'network' ? 'network' : 'page' })
  }
}
