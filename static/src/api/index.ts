/** Every call the pages make, by its name. */
import { activityCalls } from './activities'
import { appraisalCalls } from './appraisals'
import type { Client } from './client'
import { queryString } from './client'
import { moderationCalls } from './moderation'
import { pointsCalls } from './points'
import { shakeCalls } from './shakes'
import { talkCalls } from './talks'
import { taskCalls } from './tasks'
import { webhookCalls } from './webhooks'
import { publicationCalls } from './publications'
import type {
  Activation,
  Asker,
  Branch,
  Broadcast,
  BroadcastInput,
  BroadcastStatus,
  CommentHeat,
  CommentsPage,
  Download,
  GrantedRow,
  Host,
  Me,
  MemberInput,
  MemberRow,
  Notice,
  OwnAttendance,
  OwnQuestions,
  Page,
  Quiz,
  QuizResult,
  PollInput,
  PollRow,
  Report,
  Role,
  OfferedRules,
  RollCallRules,
  RoomOrder,
  AttendanceRoster,
  RosterAnswer,
  SessionRow,
  Visitor,
} from './types'

const V1 = '/api/v1'

export interface MemberFilter {
  q?: string
  branch?: string
  status?: string
  role?: string
  state?: string
  sort?: string
}

export function createApi(client: Client) {
  const broadcast = (id: string) => `${V1}/broadcasts/${encodeURIComponent(id)}`
  const member = (id: string) => `${V1}/members/${encodeURIComponent(id)}`
  return {
    me: () => client.get<Me>(`${V1}/me`, { quiet401: true }),
    signIn: (mobile: string, password: string) => client.post(`${V1}/session`, { mobile, password }, { quiet401: true }),
    signOut: () => client.delete(`${V1}/session`),
    visitor: () => client.get<Visitor>(`${V1}/visitor`, { quiet401: true }),
    sendVisitorCode: (mobile: string) => client.post<{ shown: string | null }>(`${V1}/visitor/code`, { mobile }),
    verifyVisitor: (input: { mobile: string; code: string; name: string }) => client.post<Visitor>(`${V1}/visitor`, input, { quiet401: true }),
    sessions: () => client.get<{ items: SessionRow[] }>(`${V1}/me/sessions`),
    endSession: (id: string) => client.delete(`${V1}/me/sessions/${encodeURIComponent(id)}`),
    changePassword: (current: string, password: string) =>
      client.post(`${V1}/me/password`, { current, password }, { quiet401: true }),
    setupNeeded: () => client.get<{ needed: boolean; brand: string }>(`${V1}/setup`),
    setUp: (input: { token: string; organisation: string; name: string; mobile: string; password: string }) =>
      client.post(`${V1}/setup`, input, { quiet401: true }),
    activate: (input: { mobile: string; code: string; password: string }) =>
      client.post(`${V1}/activations`, input, { quiet401: true }),

    broadcasts: (query: { state?: string; after?: string; limit?: number; mine?: boolean; replay?: 'published'; overdue?: boolean }) =>
      client.get<Page<Broadcast>>(`${V1}/broadcasts`, { query }),
    broadcast: (id: string, signal?: AbortSignal) =>
      client.get<Broadcast>(broadcast(id), signal === undefined ? {} : { signal }),
    createBroadcast: (input: BroadcastInput) => client.post<Broadcast>(`${V1}/broadcasts`, input),
    changeBroadcast: (id: string, input: Partial<BroadcastInput>) => client.patch<Broadcast>(broadcast(id), input),
    goLive: (id: string) => client.post<Broadcast>(`${broadcast(id)}/live`),
    end: (id: string) => client.post<Broadcast>(`${broadcast(id)}/end`),
    cancel: (id: string) => client.post<Broadcast>(`${broadcast(id)}/cancel`),
    cutOff: (id: string, reason: string) => client.post<Broadcast>(`${broadcast(id)}/cut-off`, { reason }),
    setReplay: (id: string, published: boolean, download: boolean) =>
      client.post<Broadcast>(`${broadcast(id)}/replay`, { published, download }),
    prepareDownload: (id: string) => client.post<Download>(`${broadcast(id)}/download`),
    download: (id: string) => client.get<Download>(`${broadcast(id)}/download`),
    status: (id: string) => client.get<BroadcastStatus>(`${broadcast(id)}/status`),
    setPoster: (id: string, image: Blob) => client.put<Broadcast>(`${broadcast(id)}/poster`, { body: image, timeout: 60_000 }),
    discardRecording: (id: string) => client.delete<Broadcast>(`${broadcast(id)}/replay`),
    removePoster: (id: string) => client.delete(`${broadcast(id)}/poster`),
    renewToken: (id: string) => client.post<Broadcast>(`${broadcast(id)}/whip-token`),
    comments: (id: string, query: { after?: number; before?: number; limit: number }) =>
      client.get<CommentsPage>(`${broadcast(id)}/comments`, { query }),
    ownAttendance: (id: string) => client.get<OwnAttendance>(`${broadcast(id)}/attendance`),
    roster: (id: string) => client.get<AttendanceRoster>(`${broadcast(id)}/attendance/people`),
    beginQuiz: (id: string) => client.post<Quiz>(`${broadcast(id)}/attendance/quiz`),
    answerQuiz: (id: string, quiz: string, answers: number[]) => client.put<QuizResult>(`${broadcast(id)}/attendance/quiz/${quiz}`, { json: { answers } }),
    usualRollCallRules: () => client.get<OfferedRules>('/api/v1/attendance/rules'),
    rollCallRules: (id: string) => client.get<OfferedRules>(`${broadcast(id)}/attendance/rules`),
    setRollCallRules: (id: string, rules: RollCallRules) => client.put<OfferedRules>(`${broadcast(id)}/attendance/rules`, { json: rules }),
    polls: (id: string) => client.get<{ items: PollRow[] }>(`${broadcast(id)}/polls`),
    preparePoll: (id: string, input: PollInput) => client.post<PollRow>(`${broadcast(id)}/polls`, input),
    rewritePoll: (id: string, poll: string, input: PollInput) =>
      client.put<PollRow>(`${broadcast(id)}/polls/${encodeURIComponent(poll)}`, { json: input }),
    discardPoll: (id: string, poll: string) => client.delete(`${broadcast(id)}/polls/${encodeURIComponent(poll)}`),
    commentsByMoment: (id: string, query: { after?: string; before?: string; limit: number }) =>
      client.get<CommentsPage>(`${broadcast(id)}/comments/by-moment`, { query }),
    commentHeat: (id: string) => client.get<CommentHeat>(`${broadcast(id)}/comments/heat`),
    report: (id: string) => client.get<Report>(`${broadcast(id)}/report`),
    reportSheetUrl: (id: string) => `${broadcast(id)}/report.xlsx`,
    notices: (id: string) => client.get<{ items: Notice[] }>(`${broadcast(id)}/notices`),
    keepOrder: (id: string, order: RoomOrder) => client.patch<Broadcast>(`${broadcast(id)}/room`, order),
    ownQuestions: (id: string) => client.get<OwnQuestions>(`${broadcast(id)}/questions/mine`),
    askers: (id: string) => client.get<{ items: Asker[] }>(`${broadcast(id)}/questions`),
    hosts: (q: string) => client.get<{ items: Host[] }>(`${V1}/hosts`, { query: { q } }),
    qrUrl: (id: string) => `${broadcast(id)}/qr.svg`,
    calendarUrl: (id: string) => `${broadcast(id)}/calendar.ics`,

    members: (query: MemberFilter & { after?: string; limit?: number }) =>
      client.get<Page<MemberRow>>(`${V1}/members`, { query: { ...query } }),
    addMember: (input: MemberInput) => client.post<{ member: MemberRow; activation: Activation }>(`${V1}/members`, input),
    changeMember: (id: string, input: Partial<MemberInput> & { disabled?: boolean }) => client.patch<MemberRow>(member(id), input),
    renewActivation: (id: string) => client.post<Activation>(`${member(id)}/activation`),
    endMemberSessions: (id: string) => client.delete(`${member(id)}/sessions`),
    setRoles: (id: string, roles: Role[]) => client.put<GrantedRow>(`${member(id)}/roles`, { json: { roles } }),
    membersSheetUrl: (filter: MemberFilter) => `${V1}/members.xlsx${queryString({ ...filter })}`,
    importRoster: (file: Blob, type: string, dryRun: boolean) =>
      client.request<RosterAnswer>('POST', `${V1}/roster`, { query: { dry_run: dryRun }, body: file, type, timeout: 120_000 }),
    branches: () => client.get<{ items: Branch[] }>(`${V1}/branches`),
    addBranch: (input: { name: string; city: string }) => client.post<Branch>(`${V1}/branches`, input),
    changeBranch: (id: string, input: { name?: string; city?: string }) =>
      client.patch<Branch>(`${V1}/branches/${encodeURIComponent(id)}`, input),

    ...activityCalls(client),
    ...appraisalCalls(client),
    ...moderationCalls(client),
    ...pointsCalls(client),
    ...shakeCalls(client),
    ...talkCalls(client),
    ...taskCalls(client),
    ...webhookCalls(client),
    ...publicationCalls(client),
  }
}

export type Api = ReturnType<typeof createApi>
export * from './errors'
export type { RuleEdit, RulesInput } from './points'
export type * from './types'
