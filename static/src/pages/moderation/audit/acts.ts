/** Acts of the audit in the words people see. A name that is not known here is shown as it is. */
import type { AuditRow } from '@/api'

const ACTS: Readonly<Record<string, string>> = {
  'held.approved': '通过待审内容',
  'held.rejected': '拒绝待审内容',
  'held.restored': '放回待审',
  'comment.removed': '移除评论',
  'question.removed': '移除提问',
  'question.reply.removed': '移除回答',
  'mute.set': '禁言',
  'mute.lifted': '解除禁言',
  'case.dismissed': '保留被举报的内容',
  'word_list.created': '新建词表',
  'word_list.edited': '修改词表',
  'word_list.changed': '增减词语',
  'word_list.dropped': '删除词表',
  'evidence.exported': '导出证据',
  'proposal.made': '提出加分或扣分',
  'proposal.withdrawn': '收回待确认的加分',
  'proposal.confirmed': '确认加分或扣分',
  'proposal.declined': '不予确认加分或扣分',
  'record.submitted': '提交会议记录',
  'record.returned': '退回会议记录',
  'record.confirmed': '确认会议记录',
  'record.amended': '更正会议记录',
  'task.given': '发布学习任务',
  'task.changed': '修改学习任务',
  'task.closed': '结束学习任务',
  'task.withdrawn': '撤回学习任务',
  'task.exported': '导出确认名单',
  'task.confirmed_for': '代为确认学习任务',
  'task.confirmation_taken_back': '撤销代为确认',
  'talk.erased': '删除一次谈话的内容',
  'appeal.made': '对扣分提出申诉',
  'appeal.upheld': '答复申诉：维持扣分',
  'appeal.granted': '答复申诉：成立',
  'rule.written': '修改积分规则',
  'exemption.proposed': '提出不参评或恢复参评',
  'exemption.confirmed': '确认不参评',
  'exemption.lifted': '确认恢复参评',
  'exemption.declined': '不予确认不参评的提议',
  'publication.made': '发布积分公示',
  'publication.exported': '导出积分公示',
  'objection.made': '对公示提出异议',
  'objection.withdrawn': '撤回异议',
  'objection.upheld': '答复异议：成立',
  'objection.rejected': '答复异议：不成立',
  'appraisal.opened': '开启民主评议',
  'appraisal.closed': '结束互评',
  'appraisal.submitted': '提交评议结果',
  'appraisal.confirmed': '确认评议结果',
  'appraisal.sent_back': '退回评议结果',
  'appraisal.answered': '答复对等次的异议',
  'webhook.made': '添加推送地址',
  'webhook.changed': '修改推送地址',
  'webhook.paused': '暂停推送',
  'webhook.resumed': '恢复推送',
  'webhook.rotated': '更换推送密钥',
  'webhook.removed': '删除推送地址',
  'webhook.tested': '测试推送',
  'webhook.redelivered': '重新推送',
}

export const actWords = (act: string): string => ACTS[act] ?? act

export const ACT_CHOICES = [{ value: '', label: '全部' }, ...Object.entries(ACTS).map(([value, label]) => ({ value, label }))]

/** What is worth reading of it beside the act, in a line. */
export function detailWords({ act, more, person, reason }: Pick<AuditRow, 'act' | 'more' | 'person' | 'reason'>): string {
  const parts: string[] = []
  if (person !== null) parts.push(person.name)
  if (act === 'word_list.changed') parts.push(`新增 ${number(more['added'])} 个，移除 ${number(more['removed'])} 个`)
  if (typeof more['name'] === 'string') parts.push(more['name'])
  if (act === 'mute.set') parts.push(typeof more['minutes'] === 'number' ? `${more['minutes']} 分钟` : '直到解除')
  if (typeof more['count'] === 'number') parts.push(`${more['count']} 人举报`)
  if (reason) parts.push(`原因：${reason}`)
  return parts.join('，')
}

function number(value: unknown): number {
  return typeof value === 'number' ? value : 0
}
