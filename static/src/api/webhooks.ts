/** What the page about webhooks calls. */
import type { Client } from './client'
import type { Page, Webhook, WebhookAttempt, WebhookDelivery, WebhookInput, WebhookOutcome, WebhookSecret } from './types'

const ALL = '/api/v1/webhooks'

export function webhookCalls(client: Client) {
  const one = (id: string) => `${ALL}/${encodeURIComponent(id)}`
  return {
    webhooks: () => client.get<{ items: Webhook[] }>(ALL),
    addWebhook: (input: WebhookInput) => client.post<WebhookSecret>(ALL, input),
    changeWebhook: (id: string, input: Omit<WebhookInput, 'since'>) => client.patch<Webhook>(one(id), input),
    removeWebhook: (id: string) => client.delete(one(id)),
    setWebhook: (id: string, verb: 'pause' | 'resume') => client.post<Webhook>(`${one(id)}/${verb}`),
    rotateWebhook: (id: string) => client.post<WebhookSecret>(`${one(id)}/rotate`),
    testWebhook: (id: string) => client.post<WebhookOutcome>(`${one(id)}/test`),
    redeliver: (id: string, deliveries?: string[]) => client.post<{ count: number }>(`${one(id)}/redeliver`, deliveries === undefined ? {} : { deliveries }),
    webhookDeliveries: (id: string, query: { state: 'waiting' | 'delivered' | 'dead'; after?: string; limit?: number }) =>
      client.get<Page<WebhookDelivery>>(`${one(id)}/deliveries`, { query }),
    webhookAttempts: (id: string, query: { after?: string; limit?: number }) => client.get<Page<WebhookAttempt>>(`${one(id)}/attempts`, { query }),
  }
}
