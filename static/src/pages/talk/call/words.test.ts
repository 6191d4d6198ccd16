import { describe, expect, it } from 'vitest'
import { NO_CALL } from './view'
import { stateWords } from './words'

describe('a call in words', () => {
  it('says what kind of call rings, and promises no more than there is', () => {
    expect(stateWords({ ...NO_CALL, state: 'ringing', video: true })).toBe('邀请您视频通话')
    expect(stateWords({ ...NO_CALL, state: 'ringing' })).toBe('邀请您语音通话')
    expect(stateWords({ ...NO_CALL, state: 'talking' })).toBe('通话中，只有双方设备能听到')
    expect(stateWords({ ...NO_CALL, state: 'talking', theirs: true })).toBe('通话中，只有双方设备能听到和看到')
    expect(stateWords(NO_CALL)).toBe('')
  })
})
