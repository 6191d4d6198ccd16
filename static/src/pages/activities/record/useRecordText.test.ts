import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ApiError, OfflineError, type MeetingRecord, type MeetingRecordInput } from '@/api'
import { withSetup } from '@/core/testing'
import { useRecordText } from './useRecordText'

function record(version: number, agenda: string[]): MeetingRecord {
  return { version, agenda, place: '', held_from: null, held_until: null, speeches: [], decisions: [], motions: [], people: [], saved_at: null, saved_by: '祝以宁' } as unknown as MeetingRecord
}

describe('a record while it is written', () => {
  const save = vi.fn<(id: string, input: MeetingRecordInput) => Promise<MeetingRecord>>()
  const api = { meetingRecord: () => Promise.resolve(record(1, ['学习'])), saveRecord: save }

  beforeEach(() => {
    vi.useFakeTimers()
    sessionStorage.clear()
    save.mockReset()
    save.mockImplementation((_, input) => Promise.resolve(record(input.version + 1, input.agenda ?? [])))
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  async function written(agenda: string[]) {
    const desk = withSetup(api, () => useRecordText('one'))
    await vi.advanceTimersByTimeAsync(0)
    desk.result.text.value!.agenda = agenda
    await vi.advanceTimersByTimeAsync(4_000)
    return desk
  }

  it('is saved by itself, with the version it was made from', async () => {
    const { result, unmount } = await written(['学习文件'])
    expect(save.mock.calls.map(([, input]) => [input.version, input.agenda])).toEqual([[1, ['学习文件']]])
    expect(result.saving.value).toBe('saved')
    unmount()
  })

  it('is kept without a network, over a reload too, and goes out when there is one again', async () => {
    save.mockRejectedValue(new OfflineError())
    const first = await written(['离线写的'])
    expect(first.result.saving.value).toBe('offline')
    first.unmount()
    save.mockReset()
    save.mockImplementation((_, input) => Promise.resolve(record(input.version + 1, input.agenda ?? [])))
    const { result, unmount } = withSetup(api, () => useRecordText('one'))
    await vi.advanceTimersByTimeAsync(3_000)
    expect(result.text.value?.agenda).toEqual(['离线写的'])
    expect(save.mock.calls[0]?.[1].agenda).toEqual(['离线写的'])
    expect(result.saving.value).toBe('saved')
    unmount()
  })

  it('comes together with what somebody else has saved, and is sent on from theirs', async () => {
    save.mockRejectedValueOnce(new ApiError(409, 'record_changed', '', {}, null, { record: record(5, ['学习', '对方加的']) }))
    const { result, unmount } = await written(['学习', '我加的'])
    expect(save.mock.calls[1]?.[1]).toMatchObject({ version: 5, agenda: ['学习', '对方加的', '我加的'] })
    expect(result.saving.value).toBe('saved')
    unmount()
  })

  it('asks where both changed the same, and sends nothing until it is answered', async () => {
    save.mockRejectedValueOnce(new ApiError(409, 'record_changed', '', {}, null, { record: record(5, ['对方改的']) }))
    const { result, unmount } = await written(['我改的'])
    expect([result.saving.value, save.mock.calls.length]).toEqual(['clash', 1])
    result.choose(false)
    await vi.advanceTimersByTimeAsync(2_000)
    expect(result.text.value?.agenda).toEqual(['对方改的'])
    expect(result.saving.value).toBe('saved')
    unmount()
  })
})
