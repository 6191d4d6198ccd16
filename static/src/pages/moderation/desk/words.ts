/** Code names of moderation in the words people see. */
import type { Held, Hit } from '@/api'

export const ACTION_NAMES: Readonly<Record<Hit['action'], string>> = { refuse: '拒绝', hold: '待审', mark: '标记' }
export const ACTION_WORDS: Readonly<Record<Hit['action'], string>> = {
  refuse: '含有这些词的内容发不出去，作者会看到“不符合发言要求”',
  hold: '含有这些词的内容先进待审，通过后才显示',
  mark: '照常显示，同时提醒审核员留意',
}
const KIND_NAMES: Readonly<Record<string, string>> = { comment: '评论', question: '提问', answer: '回答' }

export const kindName = (kind: string): string => KIND_NAMES[kind] ?? '内容'

export function whyWords({ why, author }: Pick<Held, 'why' | 'author'>): string {
  if (why !== 'words' && author.badge === 'visitor') return '访客发言'
  return why === 'words' ? '命中词表' : '先审后发'
}

/** Told to the author. The number is the key that gives it. */
export const REJECT_REASONS = ['与本场直播无关', '广告或刷屏', '用语不文明', '涉及个人隐私', '内容不实或无法核实'] as const

/** 闻小满：“……”, or 3 条. */
export function itemsWords(items: readonly Held[]): string {
  const [first] = items
  if (first === undefined) return ''
  if (items.length > 1) return ` ${items.length} 条`
  const characters = Array.from(first.text)
  return `${first.author.name}：“${characters.length > 24 ? `${characters.slice(0, 24).join('')}…` : first.text}”`
}
