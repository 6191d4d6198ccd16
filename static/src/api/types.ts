/** The shapes of the HTTP API. Times are RFC 3339 strings in UTC, ids are UUIDv7 strings, durations are seconds. */

export type Role =
  | 'committee_secretary'
  | 'committee_deputy_secretary'
  | 'branch_secretary'
  | 'branch_deputy_secretary'
  | 'discipline_secretary'
  | 'affairs_staff'
  | 'red_host'
  | 'moderator'
  | 'organiser'
  | 'administrator'
  | 'union_staff'
  | 'branch_organiser'
  | 'branch_publicity'
  | 'branch_discipline'
  | 'appraisal_clerk'

export type MemberStatus = 'full' | 'probationary' | 'retired' | 'employee'
export type MemberState = 'active' | 'invited' | 'disabled'
export type Visibility = 'members' | 'employees' | 'public'
export type CommentMode = 'post_moderated' | 'pre_moderated' | 'off'
export type Orientation = 'landscape' | 'portrait'
export type BroadcastState = 'scheduled' | 'rehearsal' | 'live' | 'interrupted' | 'ended' | 'cut_off' | 'cancelled'

export interface Named {
  id: string
  name: string
}

export interface Page<Item> {
  items: Item[]
  next?: string | null
}

export interface Me {
  member: { id: string; name: string; mobile_tail: string; branch: Named | null; status: MemberStatus } | null
  roles: Role[]
  csrf: string
  public_broadcasts: boolean
  organisation?: string | null
  brand: string
}

export interface SessionRow {
  id: string
  current: boolean
  created_at: string
  last_seen_at: string
  device: string
  address: string
}

export interface Download {
  /** Whether the caller may have it. */
  allowed: boolean
  /** Whether the host lets everybody who may watch have it. */
  offered: boolean
  state: 'none' | 'preparing' | 'ready' | 'failed'
  progress: number
  url: string | null
}

export interface Replay {
  state: 'none' | 'preparing' | 'withheld' | 'published'
  hls: string | null
  duration: number | null
  size: number | null
  has_video: boolean | null
  download: Download
}

export interface Whip {
  url: string
  token: string
  expires_at: string
}

export interface Broadcast {
  id: string
  title: string
  intro: string
  starts_at: string
  minutes_planned: number
  visibility: Visibility
  comment_mode: CommentMode
  orientation: Orientation
  state: BroadcastState
  host: Named
  co_hosts: Named[]
  live_at: string | null
  ended_at: string | null
  interrupted_at: string | null
  cut_off_reason: string | null
  poster_url: string | null
  link: string
  viewers: number
  peak_viewers: number | null
  can: { manage: boolean; publish: boolean; moderate: boolean }
  playback: { hls: string; token?: string | null } | null
  replay: Replay
  whip: Whip | null
  warnings: string[]
  server_time: string
}

export interface BroadcastInput {
  title: string
  starts_at: string
  visibility: Visibility
  comment_mode: CommentMode
  intro: string
  minutes_planned: number
  orientation: Orientation
  co_hosts: string[]
}

export interface BroadcastStatus {
  publishing: boolean
  publisher: Named | null
  width: number | null
  height: number | null
  frame_rate: number | null
  bitrate: number
  loss: number
  recording: boolean
  recording_fault: string | null
  last_media_at: string | null
  viewers: number
  tracks: { video: boolean; audio: boolean } | null
}

export interface Host {
  id: string
  name: string
  branch: string | null
}

export interface MemberRow {
  id: string
  name: string
  mobile: string
  branch: Named | null
  status: MemberStatus
  roles: Role[]
  state: MemberState
  last_sign_in_at: string | null
}

export interface MemberInput {
  name: string
  mobile: string
  branch_id: string | null
  status: MemberStatus
}

export interface Activation {
  code: string
  expires_at: string
}

export interface Branch {
  id: string
  name: string
  city: string
  members: number
}

export interface RosterError {
  line: number
  field: string
  message: string
}

export interface RosterAnswer {
  branches_added: number
  members_added: number
  members_changed: number
  errors: RosterError[]
  activations: { name: string; mobile: string; code: string }[]
}
