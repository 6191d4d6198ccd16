/** What was found, in words that need no mathematics. */
import { DRAW_NAMES } from '../words'
import type { DrawState } from '../standing'
import type { Promises } from './promises'
import { ASKED, type CheckedOwn, type CheckedRound, type PublishedDraw, type Verdict } from './verify'

export const VERDICT_NAMES: Readonly<Record<Verdict, string>> = { held: '一致', broken: '不一致', open: '还不能验证' }

export function summary(verdict: Verdict, promises: Promises): { verdict: Verdict; title: string; words: string } {
  if (verdict === 'broken' || promises.state === 'broken') return { verdict: 'broken', title: '有对不上的地方', words: '下面标红的一项与公布的承诺或公式不符。请截图，并告诉发起人和纪委书记。' }
  if (verdict === 'open') return { verdict: 'open', title: '到目前为止都对得上', words: '本场还没有结束。结束时公布服务器的种子，那时可以验算每一次抽取。' }
  return { verdict: 'held', title: '验算全部一致', words: '您的手机按公开的公式重算了一遍，每一次抽取都与公布的结果相同。' }
}

export function promiseWords(promises: Promises): string {
  if (promises.state === 'none') return '这台手机在预告时没有打开过这一场，没有自己的记录可以比对。'
  if (promises.state === 'held') return `公布过的指纹没有换过，与这台手机事先记下的相同（种子${promises.nonces > 0 ? `和 ${promises.nonces} 轮书记的数` : ''}）。`
  if (promises.what === 'nonce') return `第 ${promises.round} 轮书记的承诺与这台手机事先记下的不同。`
  if (promises.what === 'list') return `第 ${promises.round} 轮的名单与这台手机在封存时记下的不是同一份，有人换过名单。`
  if (promises.what === 'receipt') return `您有第 ${promises.round} 轮的回执，但公布的结果里没有这一轮。`
  return promises.what === 'seed' ? '服务器种子的承诺与这台手机事先记下的不同。' : '回执用的公钥与这台手机事先记下的不同。'
}

const LIST_FAULTS: Readonly<Record<CheckedRound['fault'], string>> = {
  '': '',
  hash: '名单与封存时的指纹不同，有人改过',
  form: '名单的格式不对，或者有人在上面两次',
  size: '名单的人数与公布的不同',
  weights: '名单里有没有公布过的权重',
  missing: '名单没有公布',
}

export function listWords({ list, fault, size }: CheckedRound): string {
  if (list === 'broken') return LIST_FAULTS[fault]
  return list === 'held' && size > 0 ? `名单共 ${size} 人，与封存时的指纹相同` : '还没有封存'
}

export function drawsWords({ draws }: CheckedRound): string {
  const wrong = draws.filter(({ verdict }) => verdict === 'broken').length
  if (draws.length === 0) return '这一轮还没有抽取'
  if (wrong > 0) return `${draws.length} 次抽取中有 ${wrong} 次对不上`
  return draws.some(({ verdict }) => verdict === 'open') ? `${draws.length} 次抽取，公布种子后可以验算` : `${draws.length} 次抽取都与公式相同`
}

/** Where one stands oneself. */
export function ownWords(own: CheckedOwn): string {
  if (own.receipt_verdict === 'broken') return '这份回执的签名不对，不是本场服务器签的。'
  if (own.listed === 'broken') return '您有服务器签名的回执，名单上却没有您。请截图，并告诉发起人和纪委书记。'
  if (own.listed === 'open') return '回执有效，名单还没有封存。'
  return own.place === null ? '回执有效，这一轮没有抽取。' : `您在名单的第 ${own.place} 位（共 ${own.size} 人），回执有效。`
}

/** That one came up oneself: who was not asked finds out here that somebody else was in their place. '' where one did not. */
export function cameUpWords({ round, pseudonym }: Pick<CheckedOwn, 'round' | 'pseudonym'>, draws: readonly PublishedDraw[]): string {
  const found = draws.find((draw) => draw.round === round && draw.pseudonym === pseudonym && ASKED.has(draw.result))
  if (found === undefined) return ''
  return `第 ${found.n} 次抽中的就是您（${DRAW_NAMES[found.result as DrawState]}）。如果您没有收到过这次邀请，请告诉发起人和纪委书记。`
}
