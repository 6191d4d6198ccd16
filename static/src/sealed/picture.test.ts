import { expect, it } from 'vitest'
import { fitted, isBareJpeg, LONGEST_SIDE } from './picture'

const segment = (marker: number, body: readonly number[]) => [0xff, marker, (body.length + 2) >> 8, (body.length + 2) & 255, ...body]
const letters = (text: string) => Array.from(text, (letter) => letter.charCodeAt(0))
const jpeg = (...segments: number[][]) => Uint8Array.from([0xff, 0xd8, ...segments.flat(), ...segment(0xda, [1, 2, 3]), 0x55, 0xff, 0xd9])
const JFIF = segment(0xe0, letters('JFIF\0'))

it('knows a JPEG that carries nothing beside its picture', () => {
  expect(isBareJpeg(jpeg(JFIF, segment(0xdb, Array<number>(64).fill(1))))).toBe(true)
  expect(isBareJpeg(jpeg(JFIF, segment(0xe2, letters('ICC_PROFILE\0'))))).toBe(true)
  expect(isBareJpeg(jpeg(segment(0xe1, letters('Exif\0\0GPS')), JFIF))).toBe(false)
  expect(isBareJpeg(jpeg(JFIF, segment(0xed, letters('Photoshop'))))).toBe(false)
  expect(isBareJpeg(jpeg(JFIF, segment(0xfe, letters('a comment'))))).toBe(false)
  expect(isBareJpeg(jpeg(JFIF, segment(0xe2, letters('MPF\0'))))).toBe(false)
})

it.each([new Uint8Array(0), Uint8Array.from([0x89, 0x50]), Uint8Array.from([0xff, 0xd8, 0xff]), Uint8Array.from([0xff, 0xd8, 0, 0, 0, 0])])('does not take anything else for one', (bytes) => {
  expect(isBareJpeg(bytes)).toBe(false)
})

it('fits a picture in, and never makes a small one larger', () => {
  expect(fitted(4_000, 3_000, LONGEST_SIDE)).toEqual({ width: 1_600, height: 1_200 })
  expect(fitted(300, 200, LONGEST_SIDE)).toEqual({ width: 300, height: 200 })
  expect(fitted(10_000, 1, LONGEST_SIDE)).toEqual({ width: 1_600, height: 1 })
})
