/** Marks that are not sent yet lie on this device alone: a draft on the server would tell who marks whom. */
import type { AppraisalMarks } from '@/api'

export type Draft = Record<string, AppraisalMarks>
const key = (member: string, appraisal: string): string => `hongbo.appraisal.${member}.${appraisal}`

export function readDraft(member: string, appraisal: string): Draft {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(key(member, appraisal)) ?? '{}')
    return typeof kept === 'object' && kept !== null ? (kept as Draft) : {}
  } catch {
    return {}
  }
}

export function keepDraft(member: string, appraisal: string, draft: Draft): void {
  try {
    localStorage.setItem(key(member, appraisal), JSON.stringify(draft))
  } catch {
    // Refused: then it lasts as long as the page.
  }
}

export function dropDraft(member: string, appraisal: string): void {
  try {
    localStorage.removeItem(key(member, appraisal))
  } catch {
    // Nothing was kept.
  }
}
