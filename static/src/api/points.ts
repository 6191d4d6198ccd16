/** What the pages about points call. */
import type { Client } from './client'
import type { Appeal, Aspect, Page, PointAppeal, PointIndicator, PointPerson, PointProposal, PointsYear, Proposable } from './types'

const V1 = '/api/v1'

export interface ProposalInput {
  member: string
  indicator: string
  day: string
  reason: string
  evidence: string
  link: string
}

export function pointsCalls(client: Client) {
  const one = (kind: 'proposals' | 'appeals', id: string) => `${V1}/points/${kind}/${encodeURIComponent(id)}`
  return {
    points: (query: { year?: number; aspect?: Aspect | ''; after?: string; limit?: number }) => client.get<PointsYear>(`${V1}/me/points`, { query }),
    pointIndicators: () => client.get<{ items: PointIndicator[] }>(`${V1}/me/points/indicators`),
    appealPoints: (entry: string, text: string) => client.post<Appeal>(`${V1}/me/points/${encodeURIComponent(entry)}/appeal`, { text }),

    proposable: () => client.get<{ items: Proposable[] }>(`${V1}/points/proposable`),
    pointPeople: (q: string) => client.get<{ items: PointPerson[] }>(`${V1}/points/people`, { query: { q } }),
    proposePoints: (input: ProposalInput, key: string) =>
      client.post<PointProposal>(`${V1}/points/proposals`, input, { key }),
    proposals: (query: { state?: 'open' | 'decided'; after?: string; limit?: number }) =>
      client.get<Page<PointProposal>>(`${V1}/points/proposals`, { query }),
    reviewProposal: (id: string, verb: 'confirm' | 'decline', words: string) => client.post<PointProposal>(`${one('proposals', id)}/${verb}`, { words }),
    appeals: (query: { state?: 'open' | 'decided'; after?: string; limit?: number }) => client.get<Page<PointAppeal>>(`${V1}/points/appeals`, { query }),
    answerAppeal: (id: string, verb: 'uphold' | 'grant', words: string) => client.post<Appeal>(`${one('appeals', id)}/${verb}`, { words }),
  }
}
