/**
 * Tells of every frame that comes on the screen, with its place in the player's time, s: exactly where the browser tells of its frames,
 * else as often as the screen is drawn. Sound alone has no frames and is looked at now and then.
 */

interface Presented {
  mediaTime: number
}
type FrameVideo = HTMLVideoElement & {
  requestVideoFrameCallback?: (tell: (now: number, frame: Presented) => void) => number
  cancelVideoFrameCallback?: (id: number) => void
}

/** ms without a frame from which on the position itself is asked for */
const NONE = 200

/** Answers how to stop. */
export function everyFrame(video: FrameVideo, tell: (position: number) => void): () => void {
  let stopped = false
  let id = 0
  let lastAt = 0

  function presented(_now: number, { mediaTime }: Presented): void {
    if (stopped) return
    lastAt = performance.now()
    tell(mediaTime)
    id = video.requestVideoFrameCallback?.(presented) ?? 0
  }

  function drawn(): void {
    if (stopped) return
    tell(video.currentTime)
    id = requestAnimationFrame(drawn)
  }

  const exact = typeof video.requestVideoFrameCallback === 'function'
  id = exact ? (video.requestVideoFrameCallback?.(presented) ?? 0) : requestAnimationFrame(drawn)
  const timer = setInterval(() => {
    if (exact && performance.now() - lastAt > NONE) tell(video.currentTime)
  }, NONE)

  return () => {
    stopped = true
    clearInterval(timer)
    if (exact) video.cancelVideoFrameCallback?.(id)
    else cancelAnimationFrame(id)
  }
}
