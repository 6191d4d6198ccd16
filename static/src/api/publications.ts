/** Publications of points and objections to them. */
import type { Client } from './client'
import type { Objection, Page, Publication, PublicationHead, Publications, Published, PublishedDetail } from './types'

const V1 = '/api/v1'

export interface ObjectionInput {
  about: string
  text: string
  evidence: string
  entry: string | null
}

export interface AnswerInput {
  state: 'upheld' | 'rejected'
  text: string
  reverse: string[]
  award: { indicator: string; day: string }[]
}

export function publicationCalls(client: Client) {
  const one = (id: string) => `${V1}/publications/${encodeURIComponent(id)}`
  const objection = (id: string) => `${V1}/objections/${encodeURIComponent(id)}`
  return {
    publications: () => client.get<Publications>(`${V1}/publications`),
    publish: (year: number, quarter: number, key: string) => client.post<Publication>(`${V1}/publications`, { year, quarter }, { key }),
    publication: (id: string) => client.get<PublicationHead>(one(id)),
    publishedSheetUrl: (id: string, form: 'xlsx' | 'csv') => `${one(id)}/members.${form}`,
    publishedPdfUrl: (id: string, branch?: string) => `${one(id)}/pdf${branch === undefined ? '' : `?branch=${encodeURIComponent(branch)}`}`,
    published: (id: string, query: { branch?: string; q?: string; after?: string; limit?: number }) =>
      client.get<Page<Published>>(`${one(id)}/members`, { query }),
    publishedMember: (id: string, member: string, query: { after?: string; limit?: number } = {}) =>
      client.get<PublishedDetail>(`${one(id)}/members/${encodeURIComponent(member)}`, { query }),
    objections: (id: string, query: { own?: boolean; after?: string; limit?: number } = {}) => client.get<Page<Objection>>(`${one(id)}/objections`, { query }),
    objectTo: (id: string, input: ObjectionInput, key: string) => client.post<Objection>(`${one(id)}/objections`, input, { key }),
    withdrawObjection: (id: string) => client.post<Objection>(`${objection(id)}/withdraw`),
    objectionDesk: (query: { state?: 'open' | 'decided'; after?: string; limit?: number }) => client.get<Page<Objection>>(`${V1}/objections`, { query }),
    answerObjection: (id: string, input: AnswerInput, key: string) => client.post<Objection>(`${objection(id)}/answer`, input, { key }),
  }
}
