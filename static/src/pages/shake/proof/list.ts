/** The list of a round as it is published: its text, and who stands on it. */

export interface Ticket {
  pseudonym: string
  nonce: string
  weight: number
}

/** A list in columns: 100,000 objects would cost a phone more than the sums do. */
export interface Listed {
  pseudonyms: string[]
  nonces: string[]
  weights: number[]
  /** Of all weights up to and with this ticket. */
  until: number[]
  total: number
}

const LINE = /^([0-9a-f]{20}) ([0-9a-f]{16}) ([1-9]\d{0,5})$/

/** Null if the text is not of that session and round, or not in the form it must have: in order, and nobody twice. */
export function parsed(text: string, session: string, round: number): Listed | null {
  const lines = text.split('\n')
  if (lines[0] !== `hongbo shake ${session} round ${round}` || lines[lines.length - 1] !== '') return null
  const listed: Listed = { pseudonyms: [], nonces: [], weights: [], until: [], total: 0 }
  let before = ''
  for (let at = 1; at < lines.length - 1; at += 1) {
    const found = LINE.exec(lines[at] ?? '')
    if (found === null) return null
    const [, pseudonym = '', nonce = '', weight = ''] = found
    if (pseudonym <= before) return null
    before = pseudonym
    listed.total += Number(weight)
    listed.pseudonyms.push(pseudonym)
    listed.nonces.push(nonce)
    listed.weights.push(Number(weight))
    listed.until.push(listed.total)
  }
  return listed
}

/** Where somebody stands, from 0; -1 where they do not. */
export function placeOf({ pseudonyms }: Listed, pseudonym: string): number {
  let [low, high] = [0, pseudonyms.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((pseudonyms[middle] ?? '') < pseudonym) low = middle + 1
    else high = middle
  }
  return pseudonyms[low] === pseudonym ? low : -1
}

/** Whose is this place of all weights laid end to end. */
export function holder({ until }: Listed, place: number): number {
  let [low, high] = [0, until.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((until[middle] ?? 0) > place) high = middle
    else low = middle + 1
  }
  return low
}
