/** What this side gives to a call: a microphone, and a camera that may be off, or another one. Knows no connection. */
import { FRONT, mirrored, otherLens, type Lens } from './lens'
import { stop } from './peer'
import { DARK, type CallHooks, type Seen } from './view'

export type Shown = Seen & { own: MediaStream }

export class Own {
  camera: MediaStreamTrack | null = null
  lens: Lens = FRONT
  /** A device is being opened: one at a time. */
  opening = false
  private stream: MediaStream | null = null
  /**
   * What devices are opened for, from `begin` to `end`. Somebody may take a minute to allow a device, and the call be over by then, or
   * another one have begun: what opens for one that is over is closed at once.
   */
  private during: object | null = null

  constructor(private readonly hooks: Pick<CallHooks, 'open' | 'cameras'>) {}

  get microphone(): MediaStreamTrack | null {
    return this.stream?.getAudioTracks()[0] ?? null
  }

  /** The microphone, and the camera with `video`. Rejects with what getUserMedia says; null: the call was over meanwhile. */
  begin(video: boolean): Promise<Shown | null> {
    this.end()
    this.during = {}
    return this.opened(true, video ? this.lens : null)
  }

  /** Through another camera, or through one again. Only the camera: a microphone that is asked for anew falls silent on iPhones. */
  look(lens: Lens): Promise<Shown | null> {
    this.camera?.stop() // phones open one camera at a time
    this.camera = null
    return this.opened(false, lens)
  }

  async other(): Promise<Lens> {
    return otherLens(this.camera?.getSettings() ?? {}, await this.hooks.cameras())
  }

  dark(): Shown {
    return this.shown(null, DARK)
  }

  end(): void {
    this.during = null
    this.opening = false
    if (this.stream !== null) stop(this.stream)
    this.stream = null
    this.camera = null
    this.lens = FRONT
  }

  private async opened(microphone: boolean, lens: Lens | null): Promise<Shown | null> {
    const { during } = this
    if (during === null) return null
    this.opening = true
    try {
      const stream = await this.hooks.open(microphone, lens)
      const [camera = null] = stream.getVideoTracks()
      const seen = await this.seen(camera)
      if (this.during !== during) {
        stop(stream)
        return null
      }
      if (microphone) this.stream = stream
      if (lens !== null) this.lens = lens
      return this.shown(camera, seen)
    } catch (error) {
      if (this.during !== during) return null // nobody waits for it any more
      throw error
    } finally {
      if (this.during === during) this.opening = false
    }
  }

  private shown(camera: MediaStreamTrack | null, seen: Seen): Shown {
    this.camera?.stop()
    this.camera = camera
    const { microphone } = this
    this.stream = new MediaStream([microphone, camera].filter((each) => each !== null))
    return { own: this.stream, ...seen }
  }

  /** Cameras are counted once one is open: before that browsers do not tell of them. */
  private async seen(camera: MediaStreamTrack | null): Promise<Seen> {
    if (camera === null) return DARK
    return { camera: true, mirrored: mirrored(camera.getSettings()), lenses: (await this.hooks.cameras()).length }
  }
}
