/** Talks for two: how one stands, what is left of it, and sealed files. What is said goes over the socket. */
import type { Client } from './client'
import type { ConversationMessages, Page, SealedBlob, Talk, TalkFigures, TalkIce } from './types'

const V1 = '/api/v1'
const UPLOAD = 120_000 // ms, for 2 MB from a factory's basement

export function talkCalls(client: Client) {
  const one = (id: string) => `${V1}/talks/${encodeURIComponent(id)}`
  const conversation = (id: string) => `${V1}/conversations/${encodeURIComponent(id)}`
  return {
    talk: (id: string) => client.get<Talk>(one(id)),
    ownTalks: (query: { after?: string | undefined; limit?: number; due?: boolean; again?: boolean }) => client.get<Page<Talk>>(`${V1}/me/talks`, { query }),
    talkFigures: () => client.get<TalkFigures>(`${V1}/me/talks/figures`),
    talkIce: (id: string) => client.get<TalkIce>(`${one(id)}/ice`),
    extendTalk: (id: string, agree: boolean) => client.post<Talk>(`${one(id)}/extend`, { agree }),
    endTalk: (id: string) => client.post<Talk>(`${one(id)}/end`),
    keepNothing: (id: string, nothing: boolean) => client.post<Talk>(`${one(id)}/keeping`, { nothing }),
    eraseTalk: (id: string) => client.post<Talk>(`${one(id)}/erase`),
    rateTalk: (id: string, stars: number) => client.put<Talk>(`${one(id)}/rating`, { json: { stars } }),
    wishTalk: (id: string, again: boolean) => client.put<Talk>(`${one(id)}/wish`, { json: { again } }),
    noteTalk: (id: string, note: { text: string; due_on: string | null; done: boolean }) => client.put<Talk>(`${one(id)}/note`, { json: note }),
    proposeSummary: (id: string, text: string) => client.post<Talk>(`${one(id)}/summary`, { text }),
    agreeToSummary: (id: string, hash: string) => client.post<Talk>(`${one(id)}/summary/agree`, { hash }),
    declineSummary: (id: string) => client.post<Talk>(`${one(id)}/summary/decline`),
    talkMessages: (id: string, query: { before: number; limit: number }) => client.get<ConversationMessages>(`${conversation(id)}/messages`, { query }),
    handInBlob: (id: string, kind: 'picture' | 'voice', sealed: Blob) =>
      client.request<SealedBlob>('POST', `${conversation(id)}/blobs`, { body: sealed, type: 'application/octet-stream', query: { kind }, timeout: UPLOAD }),
    blob: (id: string, blob: string) => client.bytes(`${conversation(id)}/blobs/${encodeURIComponent(blob)}`, { timeout: UPLOAD }),
  }
}
