/** What came in several signals, put together again. */
import type { CallSignal } from '@/sealed/content'

export class Parts {
  private readonly held = new Map<string, string[]>()

  /** The whole text once the last piece of it is there; they come in their order. */
  add({ step, call, text, part, of }: CallSignal): string | null {
    if (of === 1) return text
    const key = `${call} ${step}`
    const parts = part === 0 ? [] : (this.held.get(key) ?? [])
    parts[part] = text
    this.held.set(key, parts)
    if (parts.filter((each) => typeof each === 'string').length < of) return null
    this.held.delete(key)
    return parts.join('')
  }

  clear(): void {
    this.held.clear()
  }
}
