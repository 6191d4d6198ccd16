/** The rules in words, and how two versions of one differ. Amounts are integer tenths of a point. Pure. */
import type { Aspect, PointRule, PointRules, RuleEdit, RuleVersion, RulesPreview } from '@/api'
import { ASPECTS, aspectLabel, capsWords, points, signed } from '../points'

export type WindowName = 'day' | 'month' | 'quarter' | 'year'
export const WINDOWS: readonly { id: WindowName; label: string }[] = [{ id: 'day', label: '每天' }, { id: 'month', label: '每月' }, { id: 'quarter', label: '每季度' }, { id: 'year', label: '全年' }]

export const valueWords = ({ kind, value }: Pick<PointRule, 'kind' | 'value'>): string => (kind === 'veto' ? '一票否决' : signed(value))

/** 每月最多 0.5 分，全年最多 6 分; 不设上限. */
export function boundWords(rule: Pick<PointRule, 'caps' | 'kind'>): string {
  const caps = WINDOWS.flatMap(({ id }) => (rule.caps[id] === undefined ? [] : [{ window: id, most: rule.caps[id], held: 0 }]))
  return caps.length === 0 ? '不设上限' : capsWords({ caps, kind: rule.kind })
}

/** Tenths of what somebody has written; null for what is no amount with one digit behind the point at most. */
export function tenthsOf(text: string): number | null {
  const given = text.trim().replace('．', '.')
  return /^\d{1,4}(\.\d)?$/.test(given) ? Math.round(Number(given) * 10) : null
}

/** 分值 +1 → +2; 上限 全年最多 3 分 → 不设上限. */
export function differences(before: PointRule, after: PointRule): string[] {
  const parts: string[] = []
  if (before.name !== after.name) parts.push(`名称“${before.name}”改为“${after.name}”`)
  if (before.value !== after.value) parts.push(`分值 ${signed(before.value)} 改为 ${signed(after.value)}`)
  if (boundWords(before) !== boundWords(after)) parts.push(`上限“${boundWords(before)}”改为“${boundWords(after)}”`)
  if (before.trigger !== after.trigger) parts.push(`条件改为“${after.trigger}”`)
  if (before.retired !== after.retired) parts.push(after.retired ? '停用' : '恢复使用')
  return parts
}

export function scaleDifferences(before: PointRules['scale'], after: PointRules['scale']): string[] {
  const parts = before.base === after.base ? [] : [`基础分 ${points(before.base)} 改为 ${points(after.base)}`]
  for (const { id, label } of ASPECTS) {
    const [old, now] = [before.most[id] ?? 0, after.most[id] ?? 0]
    if (old !== now) parts.push(`${label} 的上限 ${points(old)} 改为 ${points(now)}`)
  }
  return parts
}

/** What a version changed, in words. */
export function versionWords(version: RuleVersion): string[] {
  if (version.before && version.after) return differences(version.before, version.after)
  if (version.scale_before && version.scale_after) return scaleDifferences(version.scale_before, version.scale_after)
  return []
}

export const editOf = ({ code, name, value, caps, trigger, retired }: PointRule): RuleEdit => ({ code, name, value, caps, trigger, retired })

/** 第二季度有 12 名党员、30 条记录，会有 3 名党员的 5 条记录变化. */
export function previewWords({ first, members, touched, rows, changed }: RulesPreview): string {
  const quarter = `${first.slice(0, 4)}年第${'一二三四'.charAt(Math.floor((Number(first.slice(5, 7)) - 1) / 3))}季度`
  if (rows === 0) return `${quarter}没有积分记录，看不出影响。`
  if (changed === 0) return `${quarter}有 ${members} 名党员的 ${rows} 条记录，按改后的规则没有变化。`
  return `${quarter}有 ${members} 名党员的 ${rows} 条记录；按改后的规则，${changed} 条记录的分值会不同，${touched} 名党员的合计会变化。`
}

export const aspectOf = (key: string): string => aspectLabel(key as Aspect)
