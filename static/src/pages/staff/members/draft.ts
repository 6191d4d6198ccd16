/** What is written in the form of one person: checked, and reduced to what has changed. */
import type { MemberInput, MemberRow } from '@/api'
import { mobileFault } from '@/pages/identity/checks'

export interface Draft {
  name: string
  mobile: string
  branch_id: string
  status: MemberInput['status']
}

export const DRAFT_FIELDS = ['name', 'mobile', 'branch_id', 'status'] as const

export function draftOf(member: MemberRow | null, branch = ''): Draft {
  if (member === null) return { name: '', mobile: '', branch_id: branch, status: 'full' }
  return { name: member.name, mobile: member.mobile, branch_id: member.branch?.id ?? '', status: member.status }
}

/** Spaces and hyphens of a copied number are forgiven, as the server does. */
export function plainMobile(text: string): string {
  return text.normalize('NFKC').replace(/[\s()‐‑–—.-]+/g, '').replace(/^(?:\+|00)?86(?=1\d{10}$)/, '')
}

export function inputOf(draft: Draft): MemberInput {
  return { name: draft.name.trim(), mobile: plainMobile(draft.mobile), branch_id: draft.branch_id || null, status: draft.status }
}

export function faultsOf(draft: Draft): Record<string, string> {
  const faults: Record<string, string> = {}
  if (draft.name.trim() === '') faults['name'] = '请输入姓名'
  const mobile = mobileFault(plainMobile(draft.mobile))
  if (mobile) faults['mobile'] = mobile
  return faults
}

/** Only what differs: what nobody touched is not sent, and so cannot undo another's change. */
export function changesOf(draft: Draft, member: MemberRow): Partial<MemberInput> {
  const before = inputOf(draftOf(member))
  return Object.fromEntries(Object.entries(inputOf(draft)).filter(([field, value]) => value !== before[field as keyof MemberInput]))
}
