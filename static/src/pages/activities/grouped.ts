/** The list in the order in which it matters: check-in running, what comes, what was. */
import type { Activity } from '@/api'

export interface Group {
  title: string
  items: Activity[]
}

export function grouped(items: readonly Activity[], now: number): Group[] {
  const drafts = items.filter((each) => each.state === 'draft')
  const open = items.filter((each) => each.state === 'open')
  const coming = items.filter((each) => each.state === 'announced' && Date.parse(each.ends_at) > now)
  const rest = items.filter((each) => ![...drafts, ...open, ...coming].includes(each))
  return [
    { title: '正在签到', items: open },
    { title: '即将开始', items: coming },
    { title: '草稿', items: drafts },
    { title: '过去的', items: rest.reverse() },
  ].filter((group) => group.items.length > 0)
}
