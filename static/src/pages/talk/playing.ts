/** Of the voice messages of a page one sounds at a time; how fast one listens holds for the next ones too. */
import { ref } from 'vue'

const SPEEDS = [1, 1.5, 2]

export function createSound() {
  const speed = ref(1)
  let current: HTMLAudioElement | null = null
  return {
    speed,
    begin: (audio: HTMLAudioElement): void => {
      if (current !== audio) current?.pause()
      current = audio
      audio.playbackRate = speed.value
    },
    faster: (): void => {
      speed.value = SPEEDS[(SPEEDS.indexOf(speed.value) + 1) % SPEEDS.length] ?? 1
      if (current !== null) current.playbackRate = speed.value
    },
    stop: (): void => {
      current?.pause()
    },
  }
}
