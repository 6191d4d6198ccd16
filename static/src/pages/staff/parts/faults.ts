/** Refusals that belong under one field rather than over the form. */
import { ApiError } from '@/api'

/** Runs the call; a refusal with one of the codes comes out with its words at the named field. */
export async function placing<Answer>(places: Readonly<Record<string, string>>, call: () => Promise<Answer>): Promise<Answer> {
  try {
    return await call()
  } catch (error) {
    const field = error instanceof ApiError ? places[error.code] : undefined
    if (!(error instanceof ApiError) || field === undefined) throw error
    throw new ApiError(error.status, error.code, error.detail, { ...error.fields, [field]: error.detail }, error.retryAfter, error.extra)
  }
}

/** What stands over the form: nothing, where each fault already stands under its field. */
export function overForm(message: string, fields: Readonly<Record<string, string>>, shown: readonly string[]): string {
  const named = Object.keys(fields)
  return named.length > 0 && named.every((field) => shown.includes(field)) ? '' : message
}
