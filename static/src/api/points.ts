/** What the pages about points call. */
import type { Client } from './client'
import type { Appeal, Aspect, BranchLedgers, Exemption, LedgerLines, LedgerRows, Page, PointAppeal, PointIndicator, PointPerson, PointProposal, PointRule, PointRules, PointsYear, Proposable, RulesPreview } from './types'

const V1 = '/api/v1'

export interface ProposalInput {
  member: string
  indicator: string
  day: string
  reason: string
  evidence: string
  link: string
}

export type RuleEdit = Pick<PointRule, 'code' | 'name' | 'value' | 'caps' | 'trigger' | 'retired'>

export interface RulesInput {
  indicators: RuleEdit[]
  scale: PointRules['scale'] | null
}

export function pointsCalls(client: Client) {
  const one = (kind: 'proposals' | 'appeals', id: string) => `${V1}/points/${kind}/${encodeURIComponent(id)}`
  return {
    points: (query: { year?: number; aspect?: Aspect | ''; after?: string; limit?: number }) => client.get<PointsYear>(`${V1}/me/points`, { query }),
    pointIndicators: () => client.get<{ items: PointIndicator[] }>(`${V1}/me/points/indicators`),
    appealPoints: (entry: string, text: string) => client.post<Appeal>(`${V1}/me/points/${encodeURIComponent(entry)}/appeal`, { text }),

    ownSheetUrl: (year: number, form: 'xlsx' | 'csv') => `${V1}/me/points.${form}?year=${year}`,

    proposable: () => client.get<{ items: Proposable[] }>(`${V1}/points/proposable`),
    pointPeople: (q: string) => client.get<{ items: PointPerson[]; more: boolean }>(`${V1}/points/people`, { query: { q } }),
    proposePoints: (input: ProposalInput, key: string) =>
      client.post<PointProposal>(`${V1}/points/proposals`, input, { key }),
    proposals: (query: { state?: 'open' | 'decided'; after?: string; limit?: number }) =>
      client.get<Page<PointProposal>>(`${V1}/points/proposals`, { query }),
    reviewProposal: (id: string, verb: 'confirm' | 'decline', words: string) => client.post<PointProposal>(`${one('proposals', id)}/${verb}`, { words }),
    pointRules: () => client.get<PointRules>(`${V1}/points/rules`),
    previewRules: (input: RulesInput) => client.post<RulesPreview>(`${V1}/points/rules/preview`, input, { timeout: 120_000 }),
    writeRules: (input: RulesInput & { since: string; reason: string }, key: string) => client.post<PointRules>(`${V1}/points/rules`, input, { key }),
    exemptions: (query: { state?: 'open' | 'decided'; after?: string; limit?: number }) => client.get<Page<Exemption>>(`${V1}/points/exemptions`, { query }),
    proposeExemption: (input: { member: string; year: number; reason: string; lift: boolean }, key: string) =>
      client.post<Exemption>(`${V1}/points/exemptions`, input, { key }),
    reviewExemption: (id: string, verb: 'confirm' | 'decline', words: string) =>
      client.post<Exemption>(`${V1}/points/exemptions/${encodeURIComponent(id)}/${verb}`, { words }),
    branchLedgers: () => client.get<BranchLedgers>(`${V1}/points/ledger/branches`),
    ledgerMembers: (query: { branch: string; year: number; after?: string; limit?: number }) => client.get<LedgerLines>(`${V1}/points/ledger/members`, { query }),
    ledgerRows: (member: string, query: { year: number; aspect?: Aspect | ''; month?: number; after?: string; limit?: number }) =>
      client.get<LedgerRows>(`${V1}/points/ledger/members/${encodeURIComponent(member)}`, { query }),
    appeals: (query: { state?: 'open' | 'decided'; after?: string; limit?: number }) => client.get<Page<PointAppeal>>(`${V1}/points/appeals`, { query }),
    answerAppeal: (id: string, verb: 'uphold' | 'grant', words: string) => client.post<Appeal>(`${one('appeals', id)}/${verb}`, { words }),
  }
}
