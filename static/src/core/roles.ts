/** Code names on one side, the words people see on the other. */
import type { BroadcastState, CommentMode, MemberState, MemberStatus, ReportReason, Role, Visibility } from '@/api'

export const ROLE_NAMES: Readonly<Record<Role, string>> = {
  committee_secretary: '党委书记',
  committee_deputy_secretary: '党委副书记',
  discipline_secretary: '纪委书记',
  branch_secretary: '支部书记',
  branch_deputy_secretary: '支部副书记',
  branch_organiser: '组织委员',
  branch_publicity: '宣传委员',
  branch_discipline: '纪检委员',
  affairs_staff: '专职党务干部',
  administrator: '管理员',
  red_host: '红色主播',
  moderator: '审核员',
  organiser: '组织者',
  union_staff: '工会工作人员',
  appraisal_clerk: '评议工作人员',
}

export const ROLE_DUTIES: Readonly<Record<Role, string>> = {
  committee_secretary: '主持党委工作，可断流',
  committee_deputy_secretary: '协助书记工作',
  discipline_secretary: '纪委书记信箱的唯一阅信人',
  branch_secretary: '主持本支部工作',
  branch_deputy_secretary: '协助支部书记工作',
  branch_organiser: '支部组织工作',
  branch_publicity: '支部宣传工作',
  branch_discipline: '支部纪检工作',
  affairs_staff: '维护党员名册，不能授予角色',
  administrator: '系统设置与授予角色，看不到谈话与信件内容',
  red_host: '实名登记，可以新建直播并开播',
  moderator: '审核评论，可断流',
  organiser: '组织活动的报名、签到和记录',
  union_staff: '职工服务事项',
  appraisal_clerk: '整理公示与评议',
}

export const ROLES = Object.keys(ROLE_NAMES) as Role[]

export const STATUS_NAMES: Readonly<Record<MemberStatus, string>> = {
  full: '正式党员',
  probationary: '预备党员',
  retired: '退休党员',
  employee: '非党员职工',
}

export const MEMBER_STATE_NAMES: Readonly<Record<MemberState, string>> = {
  active: '正常',
  invited: '待激活',
  disabled: '已停用',
}

export const VISIBILITY_NAMES: Readonly<Record<Visibility, string>> = {
  members: '仅党员',
  employees: '党员和员工',
  public: '所有人（公开）',
}

export const VISIBILITY_WORDS: Readonly<Record<Visibility, string>> = {
  members: '只有登录后的党员能看到和进入',
  employees: '登录后的党员和公司员工都能看到和进入',
  public: '任何拿到链接的人都能看，不需要登录',
}

export const COMMENT_MODE_NAMES: Readonly<Record<CommentMode, string>> = {
  post_moderated: '先发后审',
  pre_moderated: '先审后发',
  off: '关闭评论',
}

export const STATE_NAMES: Readonly<Record<BroadcastState, string>> = {
  scheduled: '未开始',
  rehearsal: '彩排中',
  live: '直播中',
  interrupted: '连接中断',
  ended: '已结束',
  cut_off: '已断流',
  cancelled: '已取消',
}

/** Of the committee or of a branch, deputies included. */
export const SECRETARIES: readonly Role[] = ['committee_secretary', 'committee_deputy_secretary', 'branch_secretary', 'branch_deputy_secretary']

export const REPORT_REASONS: Readonly<Record<ReportReason, string>> = {
  spam: '广告引流',
  abuse: '辱骂攻击',
  illegal: '违法违规',
  false: '不实信息',
  privacy: '泄露隐私',
  other: '其他',
}
