/** What those call who keep rooms in order. */
import { queryString, type Client } from './client'
import type { AuditRow, Case, Desk, HeldOutcome, HeldPage, Mute, MuteInput, Page, WordList, WordListInput, WordsImport, WordsPage, WordsTest } from './types'

const V1 = '/api/v1'

export function moderationCalls(client: Client) {
  const room = (id: string) => `${V1}/broadcasts/${encodeURIComponent(id)}`
  const list = (id: string) => `${V1}/word-lists/${encodeURIComponent(id)}`
  return {
    held: (id: string, query: { state?: string; newest?: boolean; after?: string; limit?: number }) => client.get<HeldPage>(`${room(id)}/held`, { query }),
    /** `leaving`: the page may be gone before the answer is there. At most a hundred. */
    decideHeld: (ids: readonly string[], decision: 'approve' | 'reject' | 'restore', reason: string, leaving = false) =>
      client.post<{ items: HeldOutcome[] }>(`${V1}/held/decisions`, { ids, decision, reason }, { keepalive: leaving }),

    /** `room` null: everywhere. */
    mutes: (id: string | null, query: { after?: string; limit?: number } = {}) => client.get<Page<Mute>>(id === null ? `${V1}/mutes` : `${room(id)}/mutes`, { query }),
    mute: (id: string | null, input: MuteInput) => client.post<Mute>(id === null ? `${V1}/mutes` : `${room(id)}/mutes`, input),
    liftMute: (id: string) => client.delete(`${V1}/mutes/${encodeURIComponent(id)}`),
    /** Of fifty rooms at most. */
    desks: (ids: readonly string[]) => client.get<{ items: Desk[] }>(`${V1}/desks`, { query: { rooms: ids.join(',') } }),
    reports: (id: string, query: { limit?: number; after?: string }) => client.get<Page<Case>>(`${room(id)}/reports`, { query }),
    dismissReports: (id: string) => client.post<Case>(`${V1}/reports/${encodeURIComponent(id)}/dismiss`),
    audit: (query: { scope?: string; act?: string; actor?: string; after?: string; limit?: number }) => client.get<Page<AuditRow>>(`${V1}/audit`, { query }),
    evidenceUrl: (id: string) => `${room(id)}/evidence`,

    wordLists: () => client.get<{ items: WordList[] }>(`${V1}/word-lists`),
    addWordList: (input: WordListInput) => client.post<WordList>(`${V1}/word-lists`, input),
    changeWordList: (id: string, input: Partial<WordListInput>) => client.patch<WordList>(list(id), input),
    dropWordList: (id: string) => client.delete(list(id)),
    words: (id: string, query: { q?: string; after?: string; limit?: number }) => client.get<WordsPage>(`${list(id)}/words`, { query }),
    changeWords: (id: string, change: { add?: string[]; remove?: string[] }) => client.patch<{ words: number }>(`${list(id)}/words`, change),
    importWords: (id: string, file: Blob, type: string, options: { replace: boolean; dry_run: boolean }) =>
      client.request<WordsImport>('POST', `${list(id)}/import`, { query: options, body: file, type, timeout: 120_000 }),
    wordsFileUrl: (id: string, format: 'txt' | 'csv') => `${list(id)}/export${queryString({ format })}`,
    testWords: (text: string) => client.post<WordsTest>(`${V1}/word-lists/test`, { text }),
  }
}
