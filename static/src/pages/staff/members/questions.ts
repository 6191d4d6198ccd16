/** What follows from each thing that is asked about before it is done. */
import type { MemberRow } from '@/api'
import type { Question } from './useMemberDesk'

export interface Asked {
  title: string
  text: string
  more: string[]
  action: string
}

export function asked(question: Question, member: MemberRow): Asked {
  const name = member.name
  if (question === 'disable') {
    const code = member.state === 'invited' ? ['未使用的激活码作废，恢复后需重新生成。'] : []
    return {
      title: '停用账号',
      text: `停用后，${name}会立即在所有设备上退出，不能再登录。`,
      more: ['名册、角色和历史记录都会保留，随时可以恢复。', ...code],
      action: '停用',
    }
  }
  if (question === 'sessions') {
    return { title: '退出所有设备', text: `${name}会立即在所有手机和电脑上退出，要用密码重新登录。`, more: [], action: '全部退出' }
  }
  const password = member.state === 'active' ? ['使用新激活码设置新密码之前，原密码仍可登录。'] : []
  return {
    title: '生成激活码',
    text: `为${name}生成一个新的激活码，之前发出的激活码立即作废。`,
    more: ['激活码只显示一次，请当面或通过可靠渠道交给本人。', ...password],
    action: '生成',
  }
}
