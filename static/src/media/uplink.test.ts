import { expect, it } from 'vitest'
import { readStats, UplinkMeter, type Counters } from './uplink'

const counters = (at: number, bytes: number, packets: number, lost: number, roundTrip = 0.05, limited: Counters['limited'] = 'none'): Counters => ({
  at, bytes, packets, lost, roundTrip, frameRate: 30, width: 1280, height: 720, limited,
})

function fed(bytesPerSecond: number, lostPerSecond = 0, roundTrip = 0.05, limited: Counters['limited'] = 'none'): UplinkMeter {
  const meter = new UplinkMeter()
  for (let second = 0; second <= 6; second += 1) {
    meter.add(counters(second * 1000, bytesPerSecond * second, 200 * second, lostPerSecond * second, roundTrip, limited))
  }
  return meter
}

it('measures bitrate and loss between two looks', () => {
  const meter = new UplinkMeter()
  expect(meter.add(counters(0, 0, 0, 0))).toBeNull()
  expect(meter.add(counters(2_000, 500_000, 400, 4))).toMatchObject({ bitrate: 2_000_000, loss: 0.01 })
})

it('says good, fair and poor', () => {
  expect(fed(280_000).verdict()).toBe('good')
  expect(fed(280_000, 8).verdict()).toBe('fair')
  expect(fed(60_000, 0, 0.05, 'bandwidth').verdict()).toBe('fair')
  expect(fed(280_000, 30).verdict()).toBe('poor')
  expect(fed(20_000, 0, 0.05, 'bandwidth').verdict()).toBe('poor')
  expect(fed(280_000, 0, 1.2).verdict()).toBe('poor')
  expect(new UplinkMeter().verdict()).toBeNull()
})

it('does not call a still picture a bad network', () => {
  expect(fed(8_000).verdict()).toBe('good')
})

it('starts over when a new session counts from zero', () => {
  const meter = fed(280_000)
  const before = meter.samples.length
  expect(meter.add(counters(8_000, 10, 1, 0))).toBeNull()
  expect(meter.samples.length).toBe(before)
})

it('keeps a minute and no more', () => {
  const meter = new UplinkMeter()
  for (let second = 0; second < 200; second += 1) meter.add(counters(second * 1000, second, second, 0))
  expect(meter.samples.length).toBe(60)
})

it('reads what is sent and what the server reports back', () => {
  const read = readStats(
    [
      { type: 'outbound-rtp', kind: 'video', bytesSent: 900, packetsSent: 9, framesPerSecond: 24, frameWidth: 640, frameHeight: 360, qualityLimitationReason: 'cpu' },
      { type: 'outbound-rtp', kind: 'audio', bytesSent: 100, packetsSent: 5 },
      { type: 'remote-inbound-rtp', kind: 'video', packetsLost: 2, roundTripTime: 0.12 },
      { type: 'remote-inbound-rtp', kind: 'audio', packetsLost: -1, roundTripTime: 0.02 },
      { type: 'candidate-pair' },
    ],
    5,
  )
  expect(read).toEqual({ at: 5, bytes: 1000, packets: 14, lost: 2, roundTrip: 0.12, frameRate: 24, width: 640, height: 360, limited: 'cpu' })
})
