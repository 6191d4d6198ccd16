/**
 * The text of a record while it is written: kept in this tab at every key, saved a moment after the last one, sent again when the
 * network is back. Where somebody else has saved meanwhile, both come together; where both changed the same, the writer chooses.
 */
import { computed, onScopeDispose, ref, shallowRef, watch } from 'vue'
import { ApiError, inWords, OfflineError, type MeetingRecord } from '@/api'
import { useContext } from '@/core/context'
import { UnsentStore } from '@/core/unsent'
import { inputOf, merged, textOf, type RecordText } from './text'

export type Saving = 'saved' | 'waiting' | 'saving' | 'offline' | 'clash' | 'refused'

const PAUSE = 1_200
const AGAIN = 8_000

export function useRecordText(id: string) {
  const { api, session, reach } = useContext()
  const kept = new UnsentStore(session.member.value?.id ?? '', `record.${id}`)
  const record = shallowRef<MeetingRecord | null>(null)
  const text = ref<RecordText | null>(null)
  const saving = ref<Saving>('saved')
  const refusal = ref('')
  const error = ref<unknown>(null)
  /** What somebody else has written where the writer must choose. */
  const theirs = shallowRef<MeetingRecord | null>(null)
  let base = ''
  let timer: ReturnType<typeof setTimeout> | undefined
  let stopped = false

  const plain = (): RecordText => JSON.parse(JSON.stringify(text.value)) as RecordText

  async function load(): Promise<void> {
    error.value = null
    try {
      begin(await api.meetingRecord(id))
    } catch (reason) {
      error.value = reason
    }
  }

  /** What this tab had not saved comes back, together with what is new on the server. */
  function begin(now: MeetingRecord): void {
    record.value = now
    const known = textOf(now)
    base = JSON.stringify(known)
    const left = read(kept.draft)
    text.value = left === null ? known : merged(left.base, left.text, known).text
  }

  watch(text, () => {
    if (text.value === null || JSON.stringify(text.value) === base) return
    kept.draft = JSON.stringify({ base: JSON.parse(base) as RecordText, text: text.value })
    if (saving.value === 'clash') return
    saving.value = 'waiting'
    plan(PAUSE)
  }, { deep: true })
  watch(reach.returns, () => {
    if (saving.value === 'offline') void save()
  })

  function plan(pause: number): void {
    clearTimeout(timer)
    if (!stopped) timer = setTimeout(() => void save(), pause)
  }

  /** True when everything on screen is on the server. */
  async function save(): Promise<boolean> {
    clearTimeout(timer)
    if (text.value === null || record.value === null || saving.value === 'clash') return false
    if (saving.value === 'saving') return false
    const sent = plain()
    if (JSON.stringify(sent) === base) return done()
    saving.value = 'saving'
    refusal.value = ''
    try {
      record.value = await api.saveRecord(id, inputOf(sent, record.value.version))
    } catch (reason) {
      return failed(reason, sent)
    }
    base = JSON.stringify(sent)
    if (JSON.stringify(plain()) === base) return done()
    saving.value = 'waiting'
    plan(PAUSE)
    return false
  }

  function done(): boolean {
    kept.draft = ''
    saving.value = 'saved'
    return true
  }

  function failed(reason: unknown, sent: RecordText): boolean {
    if (reason instanceof OfflineError) {
      saving.value = 'offline'
      plan(AGAIN)
    } else if (reason instanceof ApiError && reason.code === 'record_changed') {
      together(reason.extra['record'] as MeetingRecord, sent)
    } else {
      saving.value = 'refused'
      refusal.value = inWords(reason)
    }
    return false
  }

  function together(newer: MeetingRecord, sent: RecordText): void {
    const came = merged(JSON.parse(base) as RecordText, sent, textOf(newer))
    if (came.clashes.length > 0) {
      theirs.value = newer
      saving.value = 'clash'
      return
    }
    record.value = newer
    base = JSON.stringify(textOf(newer))
    text.value = came.text
    saving.value = 'waiting'
    plan(0)
  }

  /** After a clash: one's own where both changed the same, or theirs. */
  function choose(mine: boolean): void {
    const newer = theirs.value
    if (newer === null) return
    const other = textOf(newer)
    const came = merged(JSON.parse(base) as RecordText, plain(), other)
    for (const name of mine ? [] : came.clashes) Object.assign(came.text, { [name]: other[name] })
    theirs.value = null
    record.value = newer
    base = JSON.stringify(other)
    saving.value = 'waiting'
    text.value = came.text
    plan(0)
  }

  onScopeDispose(() => {
    stopped = true
    clearTimeout(timer)
    // Leaving within the app: what is on screen still goes out.
    if (saving.value === 'waiting') void save()
  })
  void load()
  return { record, text, saving, refusal, theirs, message: computed(() => (error.value === null ? '' : inWords(error.value))), load, save, choose }
}

function read(draft: string): { base: RecordText; text: RecordText } | null {
  try {
    const found = JSON.parse(draft) as { base?: RecordText; text?: RecordText }
    return found.base !== undefined && found.text !== undefined ? { base: found.base, text: found.text } : null
  } catch {
    return null
  }
}
