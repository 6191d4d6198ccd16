/**
 * A picture before it is sealed: drawn anew in the page, at most so large, and written as a fresh JPEG. What a camera writes beside
 * the picture (place, time, phone, thumbnail) does not come along, and what has come out is looked through for it once more.
 */
import type { Bytes } from './bytes'

export interface Picture {
  bytes: Bytes
  type: 'image/jpeg'
  width: number
  height: number
}

/** Why there is no picture, in words. */
export class NoPicture extends Error {}

export const LONGEST_SIDE = 1_600
/** What the sealed thing may be, with room for the seal. */
export const MOST_BYTES = 1_900_000
const MOST_READ = 40_000_000
const MOST_PIXELS = 120_000_000
/** Each is tried until the picture is small enough. */
const TRIES = [
  { side: LONGEST_SIDE, quality: 0.84 },
  { side: LONGEST_SIDE, quality: 0.7 },
  { side: 1_200, quality: 0.7 },
  { side: 900, quality: 0.6 },
] as const

export async function reencoded(file: Blob): Promise<Picture> {
  if (file.size > MOST_READ) throw new NoPicture('图片太大了，请选 40 MB 以内的')
  const url = URL.createObjectURL(file)
  try {
    return await drawn(await loaded(url))
  } finally {
    URL.revokeObjectURL(url)
  }
}

async function drawn(image: HTMLImageElement): Promise<Picture> {
  const { naturalWidth, naturalHeight } = image
  if (naturalWidth === 0 || naturalHeight === 0) throw new NoPicture('这张图片是空的，请换一张')
  if (naturalWidth * naturalHeight > MOST_PIXELS) throw new NoPicture('图片的像素太多了，请换一张小一些的')
  for (const { side, quality } of TRIES) {
    const { width, height } = fitted(naturalWidth, naturalHeight, side)
    const bytes = await jpeg(image, width, height, quality)
    if (bytes.length > MOST_BYTES) continue
    if (!isBareJpeg(bytes)) throw new NoPicture('这个浏览器没有去掉照片里的拍摄信息，为安全起见没有发送')
    return { bytes, type: 'image/jpeg', width, height }
  }
  throw new NoPicture('图片压缩后还是太大，请换一张')
}

export function fitted(width: number, height: number, side: number): { width: number; height: number } {
  const scale = Math.min(1, side / Math.max(width, height))
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) }
}

async function jpeg(image: HTMLImageElement, width: number, height: number, quality: number): Promise<Bytes> {
  const canvas = document.createElement('canvas')
  canvas.width = width
  canvas.height = height
  const context = canvas.getContext('2d')
  if (context === null) throw new NoPicture('这个浏览器处理不了图片')
  // Where a picture is transparent it lies on white, as on paper.
  context.fillStyle = '#fff'
  context.fillRect(0, 0, width, height)
  context.drawImage(image, 0, 0, width, height)
  const blob = await new Promise<Blob | null>((resolve) => {
    canvas.toBlob(resolve, 'image/jpeg', quality)
  })
  // Frees the memory at once: old iPhones have little of it for canvases.
  canvas.width = canvas.height = 0
  if (blob === null) throw new NoPicture('这个浏览器处理不了图片')
  return new Uint8Array(await new Response(blob).arrayBuffer())
}

function loaded(url: string): Promise<HTMLImageElement> {
  return new Promise((resolve, reject) => {
    const image = new Image()
    image.onload = () => {
      resolve(image)
    }
    image.onerror = () => {
      reject(new NoPicture('这台设备打不开这种图片，请换成 JPG 或 PNG'))
    }
    image.src = url
  })
}

/**
 * What a page of ours has made: a bare JPEG of the size that it makes at most. What somebody else has put under the seal is not given to the
 * browser: a few kilobytes of another form can stand for a picture of gigabytes, which takes the page down.
 */
export function isOurs(bytes: Uint8Array): boolean {
  const size = isBareJpeg(bytes) ? jpegSize(bytes) : undefined
  return size !== undefined && Math.max(size.width, size.height) <= LONGEST_SIDE
}

/** As its frame header says (ISO/IEC 10918-1, B.2.2); undefined where it has none, or more than one. */
function jpegSize(bytes: Uint8Array): { width: number; height: number } | undefined {
  const word = (at: number): number => ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0)
  let found: { width: number; height: number } | undefined
  let at = 2
  while (at + 9 <= bytes.length && bytes[at] === 0xff) {
    const marker = bytes[at + 1] ?? 0
    if (marker === 0xda) return found
    if (marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc) {
      if (found !== undefined) return undefined
      found = { height: word(at + 5), width: word(at + 7) }
    }
    at += 2 + word(at + 2)
  }
  return undefined
}

/** A JPEG with nothing beside the picture: of the segments before it only JFIF's own header may name an application (ISO/IEC 10918-1, B.1.1.3). */
export function isBareJpeg(bytes: Uint8Array): boolean {
  if (bytes[0] !== 0xff || bytes[1] !== 0xd8) return false
  let at = 2
  while (at + 4 <= bytes.length) {
    if (bytes[at] !== 0xff) return false
    const marker = bytes[at + 1] ?? 0
    const beside = (marker >= 0xe1 && marker <= 0xef) || marker === 0xfe
    if (beside && !isColourProfile(bytes, at, marker)) return false
    if (marker === 0xda) return true
    at += 2 + (((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0))
  }
  return false
}

/** How the colours are meant (APP2, `ICC_PROFILE`), and Adobe's mark of the colour space (APP14): the browser's own, not the camera's. */
function isColourProfile(bytes: Uint8Array, at: number, marker: number): boolean {
  const name = String.fromCharCode(...bytes.subarray(at + 4, at + 15))
  return (marker === 0xe2 && name.startsWith('ICC_PROFILE')) || (marker === 0xee && name.startsWith('Adobe'))
}
