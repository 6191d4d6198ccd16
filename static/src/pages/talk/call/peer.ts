/** Small things about a connection between browsers. */

/** ms */
const GATHERS_FOR = 1_500

export function stop(stream: MediaStream): void {
  for (const track of stream.getTracks()) track.stop()
}

export function candidatesOf(text: string): RTCIceCandidateInit[] {
  const read: unknown = JSON.parse(text)
  return Array.isArray(read) ? (read.slice(0, 50) as RTCIceCandidateInit[]) : []
}

/** The ways to this page are known, or it has taken long enough. */
export function gathered(peer: RTCPeerConnection): Promise<void> {
  if (peer.iceGatheringState === 'complete') return Promise.resolve()
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, GATHERS_FOR)
    peer.addEventListener('icegatheringstatechange', () => {
      if (peer.iceGatheringState !== 'complete') return
      clearTimeout(timer)
      resolve()
    })
  })
}
