/** What the pages about the yearly appraisal call. */
import type { Client } from './client'
import type { Appraisal, AppraisalGrade, AppraisalInput, AppraisalMarks, AppraisalSheet, AppraisalSummary, Named, OwnAppraisal } from './types'

const ALL = '/api/v1/appraisals'
const OWN = '/api/v1/me/appraisals'

export interface SelfInput {
  marks: AppraisalMarks
  grade: AppraisalGrade
  words: string
}

export function appraisalCalls(client: Client) {
  const one = (id: string) => `${ALL}/${encodeURIComponent(id)}`
  const own = (id: string) => `${OWN}/${encodeURIComponent(id)}`
  const member = (id: string, who: string) => `${one(id)}/members/${encodeURIComponent(who)}`
  return {
    ownAppraisals: () => client.get<{ items: OwnAppraisal[] }>(OWN),
    assessSelf: (id: string, input: SelfInput) => client.put(`${own(id)}/self`, { json: input }),
    // Never with a key: nothing of a sheet of marks may be kept.
    markOthers: (id: string, sheet: { member: string; marks: AppraisalMarks }[]) => client.post(`${own(id)}/peers`, { sheet }),
    objectToGrade: (id: string, text: string) => client.post(`${own(id)}/objection`, { text }),

    appraisals: () => client.get<{ items: AppraisalSummary[]; openable: Named[] }>(ALL),
    openAppraisal: (input: AppraisalInput) => client.post<Appraisal>(ALL, input),
    appraisalSheet: (id: string) => client.get<AppraisalSheet>(one(id)),
    moveAppraisal: (id: string, verb: 'close' | 'submit' | 'confirm') => client.post<AppraisalSheet>(`${one(id)}/${verb}`),
    returnAppraisal: (id: string, text: string) => client.post<AppraisalSheet>(`${one(id)}/return`, { text }),
    gradeMember: (id: string, who: string, grade: AppraisalGrade | null, opinion: string) =>
      client.put<AppraisalSheet>(member(id, who), { json: { grade, opinion } }),
    answerGrade: (id: string, who: string, input: { state: 'upheld' | 'rejected'; text: string; grade: AppraisalGrade | null }) =>
      client.post<AppraisalSheet>(`${member(id, who)}/answer`, input),
    appraisalFileUrl: (id: string, suffix: 'xlsx' | 'pdf') => `${one(id)}/result.${suffix}`,
  }
}
