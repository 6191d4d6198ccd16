/** The shapes of the HTTP API under the names the pages use. They are generated (`npm run types`) from the server's own document;
 * times are RFC 3339 strings in UTC, ids are UUIDv7 strings, durations are seconds. */

import type { components } from './schema'

type Schemas = components['schemas']

export type Role = Schemas['Role']
export type MemberStatus = Schemas['Status']
export type MemberState = Schemas['MemberState']
export type Visibility = Schemas['Visibility']
export type CommentMode = Schemas['CommentMode']
export type Orientation = Schemas['Orientation']
export type BroadcastState = Schemas['State']

export interface Named {
  id: string
  name: string
}

export interface Page<Item> {
  items: Item[]
  next?: string | null
}

/** Who sits before the screen; `member` is null for a visitor, whom the server answers 401. */
export type Me = Omit<Schemas['MeOut'], 'member'> & { member: Schemas['MeMember'] | null }
/** Somebody from outside who has proven a mobile number. */
export type Visitor = Schemas['VisitorOut']
export type SessionRow = Schemas['SessionOut']
export type Download = Schemas['DownloadOut']
export type Replay = Schemas['ReplayOut']
export type Whip = Schemas['WhipOut']
export type Broadcast = Schemas['BroadcastOut']
export type BroadcastInput = Required<Schemas['BroadcastIn']>
export type BroadcastStatus = Schemas['StatusOut']
export type CommentsPage = Schemas['CommentsOut']
/** A broadcast's roll-calls as the caller meets them. */
export type OwnAttendance = Schemas['OwnAttendanceOut']
/** Who was expected and who is present. */
export type AttendanceRoster = Schemas['AttendanceRosterOut']
export type RollCallRules = Schemas['RollCallRules']
export type OfferedRules = Schemas['RollCallRulesOut']
export type Quiz = Schemas['QuizOut']
export type QuizResult = Schemas['QuizResultOut']
export type PollRow = Schemas['PollOut']
export type PollInput = Required<Schemas['PollIn']>
export type PollResults = Schemas['Results']
export type CommentHeat = Schemas['HeatOut']
export type Report = Schemas['ReportOut']
/** What the caller has asked in a room and voted for. */
export type OwnQuestions = Schemas['OwnQuestionsOut']
export type Asker = Schemas['AskerOut']
export type Host = Schemas['HostOut']
export type MemberRow = Schemas['MemberOut']
export type GrantedRow = Schemas['GrantedOut']
export type MemberInput = Schemas['MemberIn']
export type Activation = Schemas['ActivationOut']
export type Branch = Schemas['BranchOut']
export type RosterError = Schemas['RosterError']
export type RosterAnswer = Schemas['RosterOut']
export type Activity = Schemas['ActivityOut']
export type ActivityKind = Schemas['ActivityKind']
export type ActivityState = Schemas['ActivityState']
/** With `cancel_until` null: two hours before it begins. */
export type ActivityInput = Schemas['ActivityIn']
export type ActivityChanges = Partial<Schemas['ChangesIn']>
/** What the reader has to do with an activity. */
export type ActivityPart = Schemas['PartOut']
export type ActivityPerson = Schemas['OnListOut']
export type ActivityClaim = Schemas['ClaimedOut']
export type ActivityPeople = Schemas['PeopleOut']
export type ActivityWall = Schemas['WallOut']
export type ActivityBurden = Schemas['BurdenOut']
/** The record of a meeting, and what is saved of it. */
export type MeetingRecord = Schemas['RecordOut']
export type MeetingRecordInput = Schemas['RecordIn']
export type MeetingMotion = Schemas['MotionOut']
export type MeetingAttendee = Schemas['AttendeeOut']
/** What a branch owes in a year. */
export type BranchYear = Schemas['BranchYearOut']
export type Duty = Schemas['DutyOut']
export type DutyStage = Schemas['Stage']
export type MeetingAttachment = Schemas['AttachmentOut']
export type ActivityLink = Schemas['ActivityLinkOut']
export type OwnClaim = Schemas['ClaimOut']
export type CheckInWay = Schemas['Way']
export type Notice = Schemas['NoticeOut']
/** How a room is kept in order; only what is given changes. */
export type RoomOrder = Partial<Schemas['RoomPatch']>
export type Hit = Schemas['HitOut']
export type Held = Schemas['HeldOut']
/** Something of one's own that is, or was, held. */
export type OwnHeld = Pick<Held, 'id' | 'scope' | 'kind' | 'text' | 'at' | 'reply_to' | 'reply_name' | 'state' | 'reason'>
export type HeldPage = Schemas['HeldPage']
export type HeldOutcome = Schemas['DecisionOut']
export type Mute = Schemas['MuteOut']
export type MuteInput = Required<Schemas['MuteIn']>
/** A mute as whom it is about hears of it. */
export type OwnMute = Pick<Mute, 'id' | 'scope' | 'at' | 'until' | 'reason'>
/** Something that was reported, or marked by a list. */
export type Case = Schemas['CaseOut']
export type ReportReason = Schemas['ReportReason']
export type AuditRow = Schemas['ActOut']
export type Desk = Schemas['DeskOut']
export type WordList = Schemas['WordListOut']
export type WordListInput = Schemas['WordListIn']
export type WordsPage = Schemas['WordsOut']
export type WordsImport = Schemas['ImportOut']
export type WordsTest = Schemas['TestOut']
/** A member's year of points and the newest rows of it; amounts are tenths of a point. */
export type PointsYear = Schemas['PointsOut']
export type PointRow = Schemas['CreditOut']
export type PointIndicator = Schemas['IndicatorOut']
export type Aspect = Schemas['Aspect']
export type Appeal = Schemas['AppealOut']
export type PointProposal = Schemas['ProposalOut']
export type PointAppeal = Schemas['AppealCaseOut']
export type Proposable = Schemas['ProposableOut']
export type PointPerson = Schemas['PointPersonOut']
/** Where an external system hears of points. */
export type Webhook = Schemas['EndpointOut']
export type WebhookInput = Schemas['EndpointIn']
export type WebhookSecret = Schemas['SecretOut']
export type WebhookOutcome = Schemas['OutcomeOut']
export type WebhookAttempt = Schemas['AttemptOut']
export type WebhookDelivery = Schemas['DeliveryOut']
export type Appraisal = Schemas['AppraisalOut']
export type AppraisalInput = Schemas['AppraisalIn']
export type AppraisalSummary = Schemas['AppraisalSummaryOut']
export type AppraisalSheet = Schemas['AppraisalSheetOut']
/** One member as those who run the appraisal see them. */
export type AppraisalLine = Schemas['AppraisalLineOut']
export type OwnAppraisal = Schemas['OwnAppraisalOut']
export type AppraisalGrade = Schemas['Grade']
export type AppraisalMark = Schemas['Mark']
export type AppraisalMarks = Partial<Record<Aspect, AppraisalMark>>
/** Branches whose ledger the caller may read, with the end of each chain. */
export type BranchLedgers = Schemas['BranchLedgersOut']
export type BranchLedger = Schemas['BranchLedgerOut']
export type LedgerLines = Schemas['LinesOut']
export type LedgerLine = Schemas['LineOut']
export type LedgerRows = Schemas['MemberRowsOut']
export type PointRules = Schemas['RulesOut']
export type PointRule = Schemas['RuleOut']
export type RuleVersion = Schemas['VersionOut']
export type RulesPreview = Schemas['RulesPreviewOut']
export type Exemption = Schemas['ExemptionOut']
export type Publications = Schemas['PublicationsOut']
export type Publication = Schemas['PublicationOut']
export type PublicationHead = Schemas['PublicationHeadOut']
export type PublishedBranch = Schemas['PublishedBranchOut']
export type PublicationSignature = Schemas['SignatureOut']
/** One member as published; `score` is null for who is not compared. */
export type Published = Schemas['PublishedOut']
export type PublishedDetail = Schemas['PublishedDetailOut']
export type Objection = Schemas['ObjectionOut']
/** A document to be read and confirmed, as the reader sees it. */
export type Task = Schemas['TaskOut']
export type TaskInput = Schemas['TaskIn']
export type TaskState = Schemas['TaskState']
export type TaskFile = Schemas['TaskFileOut']
export type TaskVersion = Schemas['TaskVersionOut']
export type TaskCountsAs = Schemas['CountsAs']
export type TaskConfirmation = Schemas['TaskConfirmationOut']
export type OwnTasks = Schemas['OwnTasksOut']
export type OwnTask = Schemas['OwnTaskOut']
/** On the list of those in charge. */
export type KeptTask = Schemas['KeptTaskOut']
export type TaskPeople = Schemas['TaskPeopleOut']
export type TaskPerson = Schemas['TaskPersonOut']
export type TaskBurden = Schemas['TaskBurdenOut']
export type NamedBranch = Schemas['NamedBranchOut']
export type NamedPerson = Schemas['NamedPersonOut']
/** The record of a meeting that waits for the reader to confirm it. */
export type WaitingRecord = Schemas['WaitingRecordOut']
/** A session of 摇一摇. */
export type Shake = Schemas['ShakeOut']
export type ShakeState = Shake['state']
export type ShakeInput = Required<Schemas['ShakeIn']>
export type ShakeChoices = Schemas['ShakeChoicesOut']
export type ShakeRound = Schemas['ShakeRoundOut']
/** A draw as its secretary sees it. */
export type ShakeDraw = Schemas['DrawOut']
export type OwnShake = Schemas['OwnShakeOut']
export type ShakeDesk = Schemas['ShakeDeskOut']
export type ShakeProof = Schemas['ProofOut']
/** A talk as one of its two meets it. */
export type Talk = Schemas['TalkOut']
export type TalkFigures = Schemas['TalkFiguresOut']
export type TalkIce = Schemas['TalkIceOut']
export type ConversationMessages = Schemas['MessagesOut']
export type SealedBlob = Schemas['BlobOut']
