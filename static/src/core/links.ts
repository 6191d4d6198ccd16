/** The addresses in what people wrote, apart from the words. Pure. Only http and https become links, and only plain ones: no user names. */
export interface Piece {
  text: string
  /** Where it leads; '' for words. */
  href: string
}

// Chinese punctuation and brackets end an address: nobody leaves a space before them.
const ADDRESS = /https?:\/\/[a-z0-9.-]+(?::\d{1,5})?(?:[/?#][^\s<>"'`，。；：！？、（）【】《》“”‘’]*)?/gi
const TRAILING = /[.,;:!?)\]}]+$/

export function pieces(text: string): Piece[] {
  const found: Piece[] = []
  let end = 0
  for (const match of text.matchAll(ADDRESS)) {
    const shown = match[0].replace(TRAILING, '')
    const href = target(shown)
    if (href === '' || text[match.index + shown.length] === '@') continue
    if (match.index > end) found.push({ text: text.slice(end, match.index), href: '' })
    found.push({ text: shown, href })
    end = match.index + shown.length
  }
  if (end < text.length) found.push({ text: text.slice(end), href: '' })
  return found
}

function target(address: string): string {
  try {
    const url = new URL(address)
    return url.hostname.includes('.') ? url.href : ''
  } catch {
    return ''
  }
}
