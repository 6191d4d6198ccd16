/** A still card in place of the camera: the broadcast goes on, the picture says why there is nothing to see. */
import type { Orientation } from '@/api'

export interface Slate {
  track: MediaStreamTrack
  stop: () => void
}

export function makeSlate(orientation: Orientation, words: string): Slate {
  const canvas = document.createElement('canvas')
  canvas.width = orientation === 'portrait' ? 720 : 1280
  canvas.height = orientation === 'portrait' ? 1280 : 720
  const pen = canvas.getContext('2d')
  let step = 0

  // Encoders send nothing for a picture that never changes, so one dot breathes.
  function draw(): void {
    if (pen === null) return
    const { width, height } = canvas
    pen.fillStyle = '#2b1413'
    pen.fillRect(0, 0, width, height)
    pen.fillStyle = '#fff'
    pen.textAlign = 'center'
    pen.font = '600 52px "PingFang SC", "Noto Sans CJK SC", sans-serif'
    pen.fillText(words, width / 2, height / 2)
    pen.globalAlpha = 0.4 + 0.3 * Math.sin(step / 3)
    pen.beginPath()
    pen.arc(width / 2, height / 2 + 70, 10, 0, Math.PI * 2)
    pen.fill()
    pen.globalAlpha = 1
    step += 1
  }

  draw()
  const timer = setInterval(draw, 200)
  const track = canvas.captureStream(5).getVideoTracks()[0]
  if (track === undefined) throw new Error('no slate')
  return {
    track,
    stop: () => {
      clearInterval(timer)
      track.stop()
    },
  }
}
