import { describe, expect, it } from 'vitest'
import { aacType, LONGEST_VOICE } from './voice'
import { Resampler, SPEECH_RATE, wavOf } from './wav'
import { Loudness } from './waveform'
import { SEAL_BYTES } from './sealing'

const tone = (hertz: number, rate: number, seconds: number) => Float32Array.from({ length: rate * seconds }, (_, at) => Math.sin((2 * Math.PI * hertz * at) / rate))
const energy = (samples: Float32Array) => Math.sqrt(samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length)

describe('speech as plain samples', () => {
  it.each([48_000, 44_100, 16_000, 8_000])('has its length from a microphone of %d', (rate) => {
    const resampler = new Resampler(rate)
    const whole = tone(300, rate, 1)
    let length = 0
    for (let at = 0; at < whole.length; at += 1_000) length += resampler.take(whole.subarray(at, at + 1_000)).length
    expect(Math.abs(length - SPEECH_RATE)).toBeLessThan(3)
  })

  it('keeps a voice and takes away what lies above it', () => {
    expect(energy(new Resampler(48_000).take(tone(400, 48_000, 1)))).toBeCloseTo(Math.SQRT1_2, 1)
    expect(energy(new Resampler(48_000).take(tone(15_900, 48_000, 1)))).toBeLessThan(0.1)
  })

  it('is a WAV file of 16 bits, small enough for one minute', () => {
    const bytes = wavOf([Float32Array.from([0, 1]), Float32Array.from([-1, 2])])
    const view = new DataView(bytes.buffer)
    const word = (at: number) => String.fromCharCode(...bytes.subarray(at, at + 4))
    expect([word(0), word(8), word(12), word(36)]).toEqual(['RIFF', 'WAVE', 'fmt ', 'data'])
    expect([view.getUint32(4, true), view.getUint16(22, true), view.getUint32(24, true), view.getUint32(40, true)]).toEqual([44, 1, SPEECH_RATE, 8])
    expect([0, 1, 2, 3].map((at) => view.getInt16(44 + at * 2, true))).toEqual([0, 32_767, -32_767, 32_767])
    expect(44 + ((SPEECH_RATE * LONGEST_VOICE) / 1_000) * 2 + SEAL_BYTES).toBeLessThan(2_000_000)
  })
})

describe('the bars of a voice message', () => {
  it('show where it was loud', () => {
    const loudness = new Loudness(8_000)
    loudness.take(tone(200, 8_000, 1).map((sample) => sample * 0.1))
    loudness.take(tone(200, 8_000, 1))
    const bars = loudness.bars(10)
    expect(Math.max(...bars.subarray(0, 4))).toBeLessThan(40)
    expect(Math.min(...bars.subarray(6))).toBeGreaterThan(240)
  })

  it('do not make silence loud', () => {
    const loudness = new Loudness(8_000)
    loudness.take(new Float32Array(8_000).fill(0.001))
    expect(Math.max(...loudness.bars(10))).toBeLessThan(10)
    expect([...new Loudness(8_000).bars(3)]).toEqual([0, 0, 0])
  })
})

it('asks the recorder for AAC alone, never for what other phones do not play', () => {
  expect(aacType((type) => type.includes('mp4a'))).toBe('audio/mp4;codecs=mp4a.40.2')
  expect(aacType((type) => type === 'audio/mp4' || type.includes('webm') || type.includes('opus'))).toBeUndefined()
  expect(aacType(undefined)).toBeUndefined()
})
