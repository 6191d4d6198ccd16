/** The addresses. Each page is its own bundle; `meta` says who may open it and what stands in the title bar. */
import { createRouter, createWebHistory, type RouteLocationRaw, type Router, type RouteRecordRaw } from 'vue-router'
import { setHall } from './core/look'
import type { Session } from './core/session'

declare module 'vue-router' {
  interface RouteMeta {
    title: string
    /** Nobody: the page is for visitors too. Otherwise who must be signed in. */
    who?: 'member' | 'host' | 'moderator' | 'staff' | 'administrator'
    /** Without the navigation around it: the room, the studio on air, sign-in. */
    bare?: boolean
    /** A dark hall around the picture, by day too. */
    hall?: boolean
  }
}

const routes: RouteRecordRaw[] = [
  { path: '/', name: 'lobby', component: () => import('./pages/lobby/LobbyPage.vue'), meta: { title: '直播' } },
  { path: '/b/:id/attendance', name: 'attendance', component: () => import('./pages/room/attendance/AttendancePage.vue'), meta: { title: '到课情况', who: 'member' } },
  { path: '/b/:id', name: 'room', component: () => import('./pages/room/RoomPage.vue'), meta: { title: '直播间', bare: true, hall: true } },
  { path: '/b/:id/replay', name: 'replay', component: () => import('./pages/replay/ReplayPage.vue'), meta: { title: '回看', bare: true, hall: true } },
  { path: '/studio', name: 'studio', component: () => import('./pages/studio/StudioListPage.vue'), meta: { title: '我的直播', who: 'member' } },
  { path: '/studio/new', name: 'studio-new', component: () => import('./pages/studio/StudioFormPage.vue'), meta: { title: '新建直播', who: 'host' } },
  { path: '/studio/:id', name: 'studio-one', component: () => import('./pages/studio/StudioPage.vue'), meta: { title: '直播控制台', who: 'member', bare: true, hall: true } },
  { path: '/studio/:id/edit', name: 'studio-edit', component: () => import('./pages/studio/StudioFormPage.vue'), meta: { title: '修改直播', who: 'member' } },
  { path: '/studio/:id/report', name: 'report', component: () => import('./pages/report/ReportPage.vue'), meta: { title: '数据报告', who: 'member' } },
  { path: '/activities', name: 'activities', component: () => import('./pages/activities/ActivitiesPage.vue'), meta: { title: '活动', who: 'member' } },
  { path: '/activities/new', name: 'activity-new', component: () => import('./pages/activities/ActivityFormPage.vue'), meta: { title: '新建活动', who: 'member' } },
  { path: '/activities/burdens', name: 'activity-burdens', component: () => import('./pages/activities/BurdensPage.vue'), meta: { title: '负担反馈', who: 'member' } },
  { path: '/activities/plans', name: 'activity-plans', component: () => import('./pages/activities/plans/PlansPage.vue'), meta: { title: '年度计划', who: 'member' } },
  { path: '/activities/:id', name: 'activity', component: () => import('./pages/activities/ActivityPage.vue'), meta: { title: '活动', who: 'member' } },
  { path: '/activities/:id/edit', name: 'activity-edit', component: () => import('./pages/activities/ActivityFormPage.vue'), meta: { title: '修改活动', who: 'member' } },
  { path: '/activities/:id/people', name: 'activity-people', component: () => import('./pages/activities/PeoplePage.vue'), meta: { title: '签到名单', who: 'member' } },
  { path: '/activities/:id/wall', name: 'activity-wall', component: () => import('./pages/activities/WallPage.vue'), meta: { title: '签到码', who: 'member', bare: true } },
  { path: '/activities/:id/record', name: 'activity-record', component: () => import('./pages/activities/record/RecordPage.vue'), meta: { title: '会议记录', who: 'member' } },
  { path: '/activities/:id/record/edit', name: 'activity-record-edit', component: () => import('./pages/activities/record/RecordEditPage.vue'), meta: { title: '写会议记录', who: 'member' } },
  { path: '/tasks', name: 'tasks', component: () => import('./pages/tasks/TasksPage.vue'), meta: { title: '学习任务', who: 'member' } },
  { path: '/tasks/new', name: 'task-new', component: () => import('./pages/tasks/TaskFormPage.vue'), meta: { title: '发布任务', who: 'member' } },
  { path: '/tasks/:id', name: 'task', component: () => import('./pages/tasks/TaskPage.vue'), meta: { title: '学习任务', who: 'member' } },
  { path: '/tasks/:id/edit', name: 'task-edit', component: () => import('./pages/tasks/TaskFormPage.vue'), meta: { title: '修改任务', who: 'member' } },
  { path: '/tasks/:id/people', name: 'task-people', component: () => import('./pages/tasks/TaskPeoplePage.vue'), meta: { title: '确认名单', who: 'member' } },
  { path: '/shakes', name: 'shakes', component: () => import('./pages/shake/ShakesPage.vue'), meta: { title: '摇一摇', who: 'member' } },
  { path: '/shakes/new', name: 'shake-new', component: () => import('./pages/shake/ShakeFormPage.vue'), meta: { title: '发起摇一摇', who: 'member' } },
  { path: '/shakes/:id', name: 'shake', component: () => import('./pages/shake/ShakePage.vue'), meta: { title: '摇一摇', who: 'member' } },
  { path: '/shakes/:id/edit', name: 'shake-edit', component: () => import('./pages/shake/ShakeFormPage.vue'), meta: { title: '修改摇一摇', who: 'member' } },
  { path: '/shakes/:id/desk', name: 'shake-desk', component: () => import('./pages/shake/desk/DeskPage.vue'), meta: { title: '书记台', who: 'member' } },
  { path: '/shakes/:id/proof', name: 'shake-proof', component: () => import('./pages/shake/proof/ProofPage.vue'), meta: { title: '公开验证', who: 'member' } },
  { path: '/talks', name: 'talks', component: () => import('./pages/talk/TalksPage.vue'), meta: { title: '书记聊一聊', who: 'member' } },
  { path: '/talks/:id', name: 'talk', component: () => import('./pages/talk/TalkPage.vue'), meta: { title: '书记聊一聊', who: 'member', bare: true } },
  { path: '/sign-in', name: 'sign-in', component: () => import('./pages/identity/SignInPage.vue'), meta: { title: '登录', bare: true } },
  { path: '/activate', name: 'activate', component: () => import('./pages/identity/ActivatePage.vue'), meta: { title: '激活账号', bare: true } },
  { path: '/setup', name: 'setup', component: () => import('./pages/identity/SetupPage.vue'), meta: { title: '首次设置', bare: true } },
  { path: '/me', name: 'me', component: () => import('./pages/identity/AccountPage.vue'), meta: { title: '我的', who: 'member' } },
  { path: '/me/points', name: 'points', component: () => import('./pages/points/PointsPage.vue'), meta: { title: '我的积分', who: 'member' } },
  { path: '/me/appraisal', name: 'own-appraisal', component: () => import('./pages/appraisal/OwnAppraisalPage.vue'), meta: { title: '我的评议', who: 'member' } },
  { path: '/appraisals', name: 'appraisals', component: () => import('./pages/appraisal/desk/AppraisalsPage.vue'), meta: { title: '民主评议', who: 'member' } },
  { path: '/appraisals/:id', name: 'appraisal', component: () => import('./pages/appraisal/desk/SheetPage.vue'), meta: { title: '民主评议', who: 'member' } },
  { path: '/points/review', name: 'points-review', component: () => import('./pages/points/review/ReviewPage.vue'), meta: { title: '积分审核', who: 'member' } },
  { path: '/points/ledger', name: 'points-ledger', component: () => import('./pages/points/ledger/LedgerPage.vue'), meta: { title: '支部台账', who: 'member' } },
  { path: '/points/rules', name: 'points-rules', component: () => import('./pages/points/rules/RulesPage.vue'), meta: { title: '积分规则', who: 'member' } },
  { path: '/publications', name: 'publications', component: () => import('./pages/publications/PublicationsPage.vue'), meta: { title: '积分公示', who: 'member' } },
  { path: '/publications/objections', name: 'objections', component: () => import('./pages/publications/ObjectionsPage.vue'), meta: { title: '异议答复', who: 'member' } },
  { path: '/publications/:id', name: 'publication', component: () => import('./pages/publications/PublicationPage.vue'), meta: { title: '积分公示', who: 'member' } },
  { path: '/staff', redirect: '/staff/members' },
  { path: '/staff/members', name: 'staff-members', component: () => import('./pages/staff/MembersPage.vue'), meta: { title: '党员名册', who: 'staff' } },
  { path: '/staff/roles', name: 'staff-roles', component: () => import('./pages/staff/RolesPage.vue'), meta: { title: '角色', who: 'staff' } },
  { path: '/staff/branches', name: 'staff-branches', component: () => import('./pages/staff/BranchesPage.vue'), meta: { title: '党支部', who: 'staff' } },
  { path: '/staff/webhooks', name: 'staff-webhooks', component: () => import('./pages/staff/WebhooksPage.vue'), meta: { title: '对外推送', who: 'staff' } },
  { path: '/moderation', name: 'moderation', component: () => import('./pages/moderation/OverviewPage.vue'), meta: { title: '审核', who: 'moderator' } },
  { path: '/moderation/words', name: 'moderation-words', component: () => import('./pages/moderation/WordsPage.vue'), meta: { title: '词表', who: 'moderator' } },
  { path: '/moderation/audit', name: 'moderation-audit', component: () => import('./pages/moderation/AuditPage.vue'), meta: { title: '操作记录', who: 'moderator' } },
  { path: '/moderation/:id', name: 'moderation-room', component: () => import('./pages/moderation/ConsolePage.vue'), meta: { title: '审核台', who: 'member', bare: true } },
  { path: '/:rest(.*)*', name: 'missing', component: () => import('./pages/MissingPage.vue'), meta: { title: '没有找到' } },
]

export function createAppRouter(session: Session): Router {
  const router = createRouter({
    history: createWebHistory(),
    routes,
    scrollBehavior: (_to, _from, saved) => saved ?? { top: 0 },
  })

  router.beforeEach(async (to): Promise<RouteLocationRaw | true> => {
    // Without a network the page opens all the same and says so itself.
    await session.ready().catch(() => undefined)
    const who = to.meta.who
    if (who === undefined) return true
    if (session.member.value === null) return { name: 'sign-in', query: { next: to.fullPath } }
    if (who === 'host' && !session.isHost.value) return { name: 'studio' }
    if (who === 'moderator' && !session.moderates.value) return { name: 'missing', params: { rest: ['moderation'] } }
    if (who === 'staff' && !session.isStaff.value) return { name: 'missing', params: { rest: ['staff'] } }
    return true
  })

  router.afterEach((to) => {
    setTitle(to.meta.title, session.brand.value)
    setHall(to.meta.hall === true)
  })
  return router
}

export function setTitle(title: string, brand: string): void {
  document.title = `${title} · ${brand}`
}

/** To sign-in and back here afterwards; stays where sign-in already is. */
export function toSignIn(router: Router): void {
  const here = router.currentRoute.value
  if (['sign-in', 'activate', 'setup'].includes(String(here.name))) return
  void router.replace({ name: 'sign-in', query: { next: here.fullPath } })
}
