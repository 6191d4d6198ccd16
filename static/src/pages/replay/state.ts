/** What a replay page can show, decided from the broadcast alone, and the words for when that is not a replay. */
import type { Broadcast } from '@/api'

export type ReplayStage = 'playable' | 'preparing' | 'unpublished' | 'discarded' | 'none' | 'on_air' | 'before' | 'cut_off' | 'cancelled'

type Known = Pick<Broadcast, 'state'> & { replay: Pick<Broadcast['replay'], 'state' | 'hls'> }

export function replayStage({ state, replay }: Known): ReplayStage {
  if (replay.hls !== null) return 'playable'
  if (state === 'live' || state === 'interrupted') return 'on_air'
  if (state === 'scheduled' || state === 'rehearsal') return 'before'
  if (replay.state === 'discarded') return 'discarded'
  if (state === 'cut_off' || state === 'cancelled') return state
  if (replay.state === 'preparing') return 'preparing'
  return replay.state === 'none' ? 'none' : 'unpublished'
}

export interface Words {
  title: string
  text: string
}

const WORDS: Readonly<Record<Exclude<ReplayStage, 'playable'>, Words>> = {
  preparing: { title: '回看正在生成', text: '通常只要几秒钟。生成后会自动出现，不用刷新。' },
  unpublished: { title: '回看还没有发布', text: '主播还没有发布这场直播的回看，或者已经撤回。发布后这里会自动出现，不用刷新。' },
  discarded: { title: '录像已删除', text: '主播删除了这场直播的录像，不能再回看，也无法恢复。' },
  none: { title: '这场直播没有录像', text: '直播时没有录下内容，所以不能回看。' },
  on_air: { title: '正在直播', text: '这场直播还没有结束，现在就可以进入直播间观看。' },
  before: { title: '直播还没有开始', text: '直播结束并发布后，才能在这里回看。' },
  cut_off: { title: '直播已中止，没有回看', text: '这场直播被管理人员中止，录像不对外提供。' },
  cancelled: { title: '直播已取消', text: '这场直播没有举行，所以没有回看。' },
}

/** Why there is nothing to play. A recording that was thrown away names who did it. */
export function wordsFor(stage: Exclude<ReplayStage, 'playable'>, by: Broadcast['replay']['discarded_by']): Words {
  const words = WORDS[stage]
  return stage === 'discarded' && by === 'moderator' ? { ...words, text: words.text.replace('主播', '管理人员') } : words
}

export const NOTICES: Readonly<Record<Exclude<Notice, null>, string>> = {
  withheld: '仅自己可见（未发布）',
  withheld_insider: '未发布',
  evidence: '留存录像',
  published: '已发布',
}

/** Who is looking at something that others cannot see, and whether they may change that. */
export type Notice = 'withheld' | 'withheld_insider' | 'published' | 'evidence' | null

export function noticeOf({ state, replay, can }: Pick<Broadcast, 'state' | 'can'> & Known): Notice {
  if (replay.hls === null) return null
  if (state === 'cut_off') return 'evidence'
  if (replay.state === 'withheld') return can.manage ? 'withheld' : 'withheld_insider'
  return can.manage ? 'published' : null
}
