/** The picture people pass on in chats: cover, title, time, host and the QR code, drawn on a canvas in the page. */

export interface PosterWords {
  title: string
  when: string
  host: string
  brand: string
  hint: string
}

const WIDTH = 750
const COVER = 422
const WORDS_TOP = COVER + 76
/** The white field with the code, and the margin below it. */
const FOOT = 330
const MARGIN = 56
const FONT = '"PingFang SC", "HarmonyOS Sans SC", "Noto Sans CJK SC", sans-serif'
const INK = '#221c18'
const GREY = '#6b635c'
const RED = '#b8181d'

/** Breaks a text without spaces into lines by measured width; the last line ends with … when there is more. */
export function wrap(text: string, width: number, most: number, measure: (text: string) => number): string[] {
  const lines: string[] = []
  let line = ''
  for (const character of Array.from(text)) {
    if (line !== '' && measure(line + character) > width && !/[，。、：；！？）》”]/.test(character)) {
      lines.push(line)
      line = ''
    }
    line += character
  }
  if (line !== '') lines.push(line)
  if (lines.length <= most) return lines
  const last = Array.from(lines[most - 1] ?? '')
  while (last.length > 0 && measure(`${last.join('')}…`) > width) last.pop()
  return [...lines.slice(0, most - 1), `${last.join('')}…`]
}

/** A data URL: WeChat on iPhones lets people keep such a picture by a long press, but no blob. */
export async function drawPoster(words: PosterWords, qrUrl: string, coverUrl: string | null): Promise<string> {
  const canvas = document.createElement('canvas')
  canvas.width = WIDTH
  const pen = canvas.getContext('2d')
  if (pen === null) throw new Error('no canvas')
  const [qr, cover] = await Promise.all([picture(qrUrl), coverUrl === null ? null : picture(coverUrl).catch(() => null)])
  const foot = drawWords(pen, words, WORDS_TOP) + 48
  // Setting the height wipes the canvas: measured first, drawn then.
  canvas.height = foot + FOOT
  pen.fillStyle = '#fbf8f3'
  pen.fillRect(0, 0, WIDTH, canvas.height)
  drawCover(pen, cover)
  drawWords(pen, words, WORDS_TOP)
  drawFoot(pen, words, qr, foot)
  return canvas.toDataURL('image/png')
}

function drawCover(pen: CanvasRenderingContext2D, cover: HTMLImageElement | null): void {
  const height = COVER
  pen.save()
  pen.beginPath()
  pen.rect(0, 0, WIDTH, height)
  pen.clip()
  if (cover !== null) {
    const scale = Math.max(WIDTH / cover.width, height / cover.height)
    pen.drawImage(cover, (WIDTH - cover.width * scale) / 2, (height - cover.height * scale) / 2, cover.width * scale, cover.height * scale)
  } else {
    const ground = pen.createLinearGradient(0, 0, WIDTH, height)
    ground.addColorStop(0, RED)
    ground.addColorStop(1, '#7a1417')
    pen.fillStyle = ground
    pen.fillRect(0, 0, WIDTH, height)
    pen.lineWidth = 34
    for (let ring = 1; ring <= 7; ring += 1) {
      pen.strokeStyle = `rgba(255, 255, 255, ${0.2 - ring * 0.024})`
      pen.beginPath()
      pen.arc(WIDTH * 0.26, height * 0.94, ring * 82, 0, Math.PI * 2)
      pen.stroke()
    }
  }
  pen.restore()
}

function drawWords(pen: CanvasRenderingContext2D, words: PosterWords, top: number): number {
  let y = top
  pen.fillStyle = INK
  pen.font = `600 48px ${FONT}`
  for (const line of wrap(words.title, WIDTH - MARGIN * 2, 4, (text) => pen.measureText(text).width)) {
    pen.fillText(line, MARGIN, y)
    y += 66
  }
  y += 14
  pen.fillStyle = RED
  pen.font = `600 36px ${FONT}`
  pen.fillText(words.when, MARGIN, y)
  y += 54
  pen.fillStyle = GREY
  pen.font = `400 34px ${FONT}`
  pen.fillText(words.host, MARGIN, y)
  return y
}

function drawFoot(pen: CanvasRenderingContext2D, words: PosterWords, qr: HTMLImageElement, top: number): void {
  const size = 230
  pen.fillStyle = '#fff'
  pen.fillRect(MARGIN, top, WIDTH - MARGIN * 2, size + 44)
  pen.imageSmoothingEnabled = false
  pen.drawImage(qr, MARGIN + 22, top + 22, size, size)
  const left = MARGIN + size + 56
  pen.fillStyle = INK
  pen.font = `600 38px ${FONT}`
  const width = WIDTH - MARGIN - left - 20
  const measure = (text: string) => pen.measureText(text).width
  const brand = wrap(words.brand, width, 2, measure)
  let y = top + (brand.length > 1 ? 88 : 116)
  for (const line of brand) {
    pen.fillText(line, left, y)
    y += 50
  }
  pen.fillStyle = GREY
  pen.font = `400 30px ${FONT}`
  for (const line of wrap(words.hint, width, 2, measure)) {
    pen.fillText(line, left, y + 8)
    y += 42
  }
}

function picture(url: string): Promise<HTMLImageElement> {
  return new Promise((resolve, reject) => {
    const image = new Image()
    image.onload = () => {
      resolve(image)
    }
    image.onerror = () => {
      reject(new Error('picture'))
    }
    image.src = url
  })
}
