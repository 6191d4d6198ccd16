/**
 * A member's own year: how it stands, its rows page by page, and what still counts. Credits come live; the server's own sums are
 * asked for then, for a sum that was reckoned here could differ from the ledger's.
 */
import { computed, onScopeDispose, ref, shallowRef, watch } from 'vue'
import type { Aspect, PointRow, PointsYear } from '@/api'
import { usePages } from '@/composables/usePages'
import { useResource } from '@/composables/useResource'
import { useContext } from '@/core/context'
import { useOwnChannel } from '@/core/own-channel'
import { creditNote } from './points'

const PAGE = 30
const GATHERING = 150 // ms; several credits of one moment are one question
const SHOWN = 8_000

export function usePoints() {
  const { api } = useContext()
  const year = ref<number | undefined>(undefined)
  /** The running year as the server has it; around New Year a phone's own clock may say another. */
  const thisYear = ref<number | undefined>(undefined)
  const aspect = ref<Aspect | ''>('')
  const standing = shallowRef<PointsYear | null>(null)
  const note = ref('')
  /** The row that came last, marked for a moment. */
  const newest = ref('')

  const pages = usePages<PointRow>(async (after) => {
    const wanted = { year: year.value, aspect: aspect.value }
    const found = await api.points({
      limit: PAGE,
      aspect: wanted.aspect,
      ...(wanted.year === undefined ? {} : { year: wanted.year }),
      ...(after === undefined ? {} : { after }),
    })
    if (wanted.year === year.value) standing.value = found
    if (wanted.year === undefined) thisYear.value = found.year
    return found
  })
  const indicators = useResource(async () => (await api.pointIndicators()).items)

  let fading: ReturnType<typeof setTimeout> | undefined
  function tell(credits: readonly PointRow[]): void {
    const last = credits[0]
    if (last === undefined || last.id === newest.value) return
    note.value = credits.length === 1 ? creditNote(last) : `新增 ${credits.length} 条积分记录`
    newest.value = last.id
    clearTimeout(fading)
    fading = setTimeout(() => {
      note.value = ''
      newest.value = ''
    }, SHOWN)
  }

  let gathering: ReturnType<typeof setTimeout> | undefined
  function refresh(): void {
    clearTimeout(gathering)
    gathering = setTimeout(() => void look(), GATHERING)
  }
  async function look(): Promise<void> {
    const shown = pages.data.value
    await Promise.all([pages.reload(), indicators.reload()])
    const now = pages.data.value
    if (shown === null || now === null || now.beginning !== shown.beginning) return
    const top = shown.items[0]?.id ?? ''
    tell(now.items.filter(({ id }) => id > top))
  }

  useOwnChannel({
    // Whatever came before the channel was followed is in the rows, not in its entries.
    snapshot: refresh,
    entries(entries) {
      const credits = entries.filter(({ type }) => type === 'points.credited').map(({ data }) => data as unknown as PointRow)
      tell([...credits].reverse())
      if (credits.length > 0) refresh()
    },
  })
  onScopeDispose(() => {
    clearTimeout(gathering)
    clearTimeout(fading)
  })
  watch([year, aspect], () => void pages.restart())

  return {
    ...pages,
    year,
    thisYear,
    aspect,
    standing,
    note,
    newest,
    indicators,
    filtered: computed(() => aspect.value !== ''),
    refreshAll: async (): Promise<void> => {
      await Promise.all([pages.reload(), indicators.reload()])
    },
  }
}
