/** A text in pieces, with the listed words in it. The server counts code points, not the units that JavaScript's strings are made of. */
import type { Hit } from '@/api'

export interface Piece {
  text: string
  /** The gravest of the words that lie here; null for what is not listed. */
  hit: Hit | null
}

const WEIGHTS: Readonly<Record<Hit['action'], number>> = { refuse: 0, hold: 1, mark: 2 }

/** Words may overlap: each character belongs to the gravest that covers it. */
export function marked(text: string, hits: readonly Hit[]): Piece[] {
  const characters = Array.from(text)
  const owners: (Hit | null)[] = characters.map(() => null)
  for (const hit of [...hits].sort((one, other) => WEIGHTS[other.action] - WEIGHTS[one.action])) {
    for (let at = Math.max(0, hit.start); at < Math.min(hit.end, characters.length); at += 1) owners[at] = hit
  }
  const pieces: Piece[] = []
  characters.forEach((character, at) => {
    const owner = owners[at] ?? null
    const last = pieces[pieces.length - 1]
    if (last?.hit === owner) last.text += character
    else pieces.push({ text: character, hit: owner })
  })
  return pieces
}

/** Each listed word once, the gravest first. */
export function words(hits: readonly Hit[]): Hit[] {
  const seen = new Map<string, Hit>()
  for (const hit of hits) if (!seen.has(`${hit.list}\n${hit.word}`)) seen.set(`${hit.list}\n${hit.word}`, hit)
  return [...seen.values()].sort((one, other) => WEIGHTS[one.action] - WEIGHTS[other.action])
}
