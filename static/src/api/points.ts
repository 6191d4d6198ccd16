/** What the pages about points call. */
import type { Client } from './client'
import type { Aspect, PointIndicator, PointsYear } from './types'

const V1 = '/api/v1'

export function pointsCalls(client: Client) {
  return {
    points: (query: { year?: number; aspect?: Aspect | ''; after?: string; limit?: number }) => client.get<PointsYear>(`${V1}/me/points`, { query }),
    pointIndicators: () => client.get<{ items: PointIndicator[] }>(`${V1}/me/points/indicators`),
  }
}
