/** 摇一摇: sessions, rounds, draws and their proof. */
import type { Client } from './client'
import type { OwnShake, Page, Shake, ShakeChoices, ShakeDesk, ShakeDraw, ShakeInput, ShakeProof, ShakeRound, ShakeState } from './types'

const V1 = '/api/v1'

export function shakeCalls(client: Client) {
  const one = (id: string) => `${V1}/shakes/${encodeURIComponent(id)}`
  const round = (id: string, number: number) => `${one(id)}/rounds/${number}`
  return {
    shakes: (query: { state?: ShakeState; after?: string; limit?: number } = {}) => client.get<Page<Shake>>(`${V1}/shakes`, { query }),
    /** Those that run and those to come, the soonest first. */
    comingShakes: async (): Promise<Shake[]> => {
      const found = await Promise.all((['open', 'announced'] as const).map((state) => client.get<Page<Shake>>(`${V1}/shakes`, { query: { state, limit: 50 } })))
      return found.flatMap(({ items }) => items).sort((one, other) => Date.parse(one.opens_at) - Date.parse(other.opens_at))
    },
    shake: (id: string) => client.get<Shake>(one(id)),
    shakeChoices: () => client.get<ShakeChoices>(`${V1}/shake-choices`),
    announceShake: (input: ShakeInput, key: string) => client.post<Shake>(`${V1}/shakes`, input, { key }),
    changeShake: (id: string, input: Partial<ShakeInput>) => client.patch<Shake>(one(id), input),
    cancelShake: (id: string) => client.post<Shake>(`${one(id)}/cancel`),
    closeShake: (id: string) => client.post<Shake>(`${one(id)}/close`),
    shakeCalendarUrl: (id: string) => `${one(id)}/calendar.ics`,
    ownShake: (id: string) => client.get<OwnShake>(`${one(id)}/mine`),
    prepareRound: (id: string, commitment: string) => client.post<ShakeRound>(`${one(id)}/rounds`, { nonce_commitment: commitment }),
    openRound: (id: string, number: number) => client.post<ShakeRound>(`${round(id, number)}/open`),
    revealRound: (id: string, number: number, nonce: string) => client.post<ShakeRound>(`${round(id, number)}/reveal`, { nonce }),
    drawNext: (id: string, number: number, clientId: string) => client.post<ShakeDraw>(`${round(id, number)}/draws`, { client_id: clientId }),
    withdrawDraw: (draw: string, goOn: boolean) => client.post<ShakeDraw>(`${V1}/draws/${encodeURIComponent(draw)}/withdraw`, undefined, { query: { go_on: goOn } }),
    shakeDesk: (id: string) => client.get<ShakeDesk>(`${one(id)}/desk`),
    shakeProof: (id: string) => client.get<ShakeProof>(`${one(id)}/proof`),
    /** `{round}` stands for the number. */
    shakeListUrl: (id: string) => `${one(id)}/rounds/{round}/list`,
  }
}
