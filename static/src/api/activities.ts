/** Activities: sign-up, check-in, and what the person in charge does. */
import type { Client } from './client'
import type { Activity, ActivityBurden, ActivityChanges, ActivityClaim, ActivityInput, ActivityLink, ActivityPart, ActivityPeople, ActivityWall, BranchYear, CheckInWay, MeetingRecord, MeetingRecordInput, NamedBranch, NamedPerson, OwnClaim, WaitingRecord } from './types'

const V1 = '/api/v1'
const UPLOAD = 180_000 // ms, for 16 MB from a factory's basement

export type Move = 'announce' | 'open' | 'close' | 'cancel'

export function activityCalls(client: Client) {
  const one = (id: string) => `${V1}/activities/${encodeURIComponent(id)}`
  return {
    activities: (query: { since?: string; until?: string } = {}) =>
      client.get<{ items: Activity[]; creates: boolean }>(`${V1}/activities`, { query }),
    activity: (id: string) => client.get<Activity>(one(id)),
    createActivity: (input: ActivityInput, key: string) => client.post<Activity>(`${V1}/activities`, input, { key }),
    changeActivity: (id: string, changes: ActivityChanges) => client.patch<Activity>(one(id), changes),
    moveActivity: (id: string, move: Move) => client.post<Activity>(`${one(id)}/${move}`),
    signUp: (id: string) => client.post<ActivityPart>(`${one(id)}/signup`),
    giveBack: (id: string) => client.delete<ActivityPart>(`${one(id)}/signup`),
    checkIn: (id: string, code: string) => client.post<ActivityPart>(`${one(id)}/checkin`, { code }),
    claimCheckIn: (id: string, code: string, scannedAt: string) => client.post<OwnClaim>(`${one(id)}/claim`, { code, scanned_at: scannedAt }),
    askLeave: (id: string, reason: string) => client.post<ActivityPart>(`${one(id)}/leave`, { reason }),
    tooMuch: (id: string) => client.post(`${one(id)}/burden`),
    activityWall: (id: string) => client.get<ActivityWall>(`${one(id)}/wall`),
    activityPeople: (id: string) => client.get<ActivityPeople>(`${one(id)}/people`),
    markPresent: (id: string, members: string[], way: CheckInWay, reason: string) =>
      client.post<{ marked: number }>(`${one(id)}/presences`, { members, way, reason }),
    withdrawPresence: (id: string, member: string, reason: string) => client.post(`${one(id)}/withdrawals`, { member, reason }),
    markAbsent: (id: string, member: string, reason: string) => client.post(`${one(id)}/absences`, { member, reason }),
    changeExpected: (id: string, changes: { add?: string[]; remove?: string[]; branches?: string[] }) => client.post(`${one(id)}/expected`, changes),
    decideClaim: (id: string, member: string, confirm: boolean, reason: string) =>
      client.post<ActivityClaim>(`${one(id)}/claims`, { member, confirm, reason }),
    meetingRecord: (id: string) => client.get<MeetingRecord>(`${one(id)}/record`),
    saveRecord: (id: string, input: MeetingRecordInput) => client.put<MeetingRecord>(`${one(id)}/record`, { json: input }),
    nameForRecord: (id: string, chair: string | null, recorder: string | null) =>
      client.put<MeetingRecord>(`${one(id)}/record/people`, { json: { chair, recorder } }),
    moveRecord: (id: string, move: 'submit' | 'confirm', version: number) => client.post<MeetingRecord>(`${one(id)}/record/${move}`, { version }),
    returnRecord: (id: string, reason: string) => client.post<MeetingRecord>(`${one(id)}/record/return`, { reason }),
    amendRecord: (id: string, text: string, reason: string, clientId: string) =>
      client.post<MeetingRecord>(`${one(id)}/record/amendments`, { text, reason, client_id: clientId }),
    recordFile: (id: string, kind: 'pdf' | 'xlsx') => `${one(id)}/record.${kind}`,
    attachToRecord: (id: string, file: File) =>
      client.request<MeetingRecord>('POST', `${one(id)}/record/attachments`, { body: file, type: file.type || 'application/octet-stream', query: { name: file.name }, timeout: UPLOAD }),
    detachFromRecord: (id: string, attachment: string) => client.delete<MeetingRecord>(`${one(id)}/record/attachments/${attachment}`),
    recordAttachment: (id: string, attachment: string) => `${one(id)}/record/attachments/${attachment}`,
    activityPlans: (year?: number) => client.get<{ year: number; items: BranchYear[] }>(`${V1}/activity-plans`, { query: { year } }),
    activitiesOf: (broadcast: string) => client.get<{ items: ActivityLink[] }>(`${V1}/broadcasts/${encodeURIComponent(broadcast)}/activities`),
    activityBurdens: () => client.get<{ items: ActivityBurden[] }>(`${V1}/activity-burdens`),
    branchNames: () => client.get<{ items: NamedBranch[] }>(`${V1}/branch-names`),
    peopleNamed: (q: string) => client.get<{ items: NamedPerson[] }>(`${V1}/people`, { query: { q } }),
    recordsWaiting: () => client.get<{ items: WaitingRecord[] }>(`${V1}/me/records`),
    renewCalendar: () => client.post<{ url: string }>(`${V1}/me/calendar/renew`),
    ownCalendar: () => client.get<{ url: string }>(`${V1}/me/calendar`),
  }
}
