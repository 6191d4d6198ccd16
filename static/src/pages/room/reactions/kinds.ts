/** What one can do with a tap, with its sign. */
import { Flower2, Heart, PartyPopper, ThumbsUp, type LucideIcon } from '@lucide/vue'
import type { ReactIn } from '@/protocol'

export type Kind = ReactIn['kind']

export const KINDS: Readonly<Record<Kind, { label: string; icon: LucideIcon }>> = {
  like: { label: '点赞', icon: ThumbsUp },
  applause: { label: '喝彩', icon: PartyPopper },
  flower: { label: '鲜花', icon: Flower2 },
  heart: { label: '爱心', icon: Heart },
}

export const ORDER = Object.keys(KINDS) as Kind[]
