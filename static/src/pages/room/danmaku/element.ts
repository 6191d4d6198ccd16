/** A comment as it is seen over the picture. Its words are text and nothing else, and bidi marks in them reach no further. */
import type { Comment } from '../comments/comment'

/** Characters; the list has the whole of it. */
const LONGEST = 40
export const BADGES: Readonly<Record<string, string>> = { host: '主播', secretary: '书记' }

export function words({ text }: Pick<Comment, 'text'>): string {
  const characters = Array.from(text)
  return characters.length > LONGEST ? `${characters.slice(0, LONGEST).join('')}…` : text
}

export function element(comment: Comment): HTMLElement {
  const node = document.createElement('span')
  node.className = comment.mine ? 'danmaku mine' : 'danmaku'
  node.dataset['offset'] = String(comment.offset)
  const badge = comment.badge === null ? undefined : BADGES[comment.badge]
  if (badge !== undefined) {
    const mark = document.createElement('small')
    mark.textContent = badge
    node.appendChild(mark)
  }
  const said = document.createElement('bdi')
  said.textContent = words(comment)
  node.appendChild(said)
  return node
}

/** px it will take, near enough to know whether it has room; `size`: px of its type. */
export function widthOf(comment: Comment, size: number, brush: Pick<CanvasRenderingContext2D, 'measureText' | 'font'> | null, family: string): number {
  const badge = comment.badge !== null && BADGES[comment.badge] !== undefined ? 2.6 : 0
  const text = words(comment)
  if (brush === null) return Math.ceil((Array.from(text).length + badge + 1) * size)
  brush.font = `600 ${size}px ${family}`
  return Math.ceil(brush.measureText(text).width + (badge + 1) * size)
}
