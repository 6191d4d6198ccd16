import { expect, it } from 'vitest'
import { fitted, isBareJpeg, isOurs, LONGEST_SIDE } from './picture'

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

it('opens only what a page of ours can have made', () => {
  const frame = (width: number, height: number, marker = 0xc0) => segment(marker, [8, height >> 8, height & 255, width >> 8, width & 255, 1, 1, 0x11, 0])
  const huffman = segment(0xc4, [255, 255, 255, 255, 255, 255, 255])
  expect(isOurs(jpeg(JFIF, frame(1_600, 1_200), huffman))).toBe(true)
  expect(isOurs(jpeg(JFIF, huffman, frame(900, 1_600, 0xc2)))).toBe(true)
  expect(isOurs(jpeg(JFIF, frame(65_535, 65_535)))).toBe(false)
  expect(isOurs(jpeg(JFIF, frame(10, 1_601)))).toBe(false)
  expect(isOurs(jpeg(JFIF, frame(10, 10), frame(60_000, 60_000)))).toBe(false)
  expect(isOurs(jpeg(JFIF))).toBe(false)
  expect(isOurs(jpeg(segment(0xe1, letters('Exif\0\0GPS')), frame(10, 10)))).toBe(false)
  // A PNG of 30,000 × 30,000 takes 100 KB, and 3.6 GB once it is opened; browsers go by what they find, not by what it is called.
  expect(isOurs(Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13, 0x49, 0x48, 0x44, 0x52, 0, 0, 0x75, 0x30, 0, 0, 0x75, 0x30]))).toBe(false)
})

it('fits a picture in, and never makes a small one larger', () => {
  expect(fitted(4_000, 3_000, LONGEST_SIDE)).toEqual({ width: 1_600, height: 1_200 })
  expect(fitted(300, 200, LONGEST_SIDE)).toEqual({ width: 300, height: 200 })
  expect(fitted(10_000, 1, LONGEST_SIDE)).toEqual({ width: 1_600, height: 1 })
})
