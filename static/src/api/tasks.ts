/** Tasks: documents that are read and confirmed. */
import type { Client } from './client'
import type { KeptTask, OwnTasks, Page, Task, TaskBurden, TaskFile, TaskInput, TaskPeople, TaskVersion } from './types'

const V1 = '/api/v1'
const UPLOAD = 180_000 // ms, for 16 MB from a factory's basement

export function taskCalls(client: Client) {
  const one = (id: string) => `${V1}/tasks/${encodeURIComponent(id)}`
  return {
    ownTasks: () => client.get<OwnTasks>(`${V1}/me/tasks`),
    tasksWaiting: () => client.get<{ waiting: number }>(`${V1}/me/tasks/waiting`),
    task: (id: string) => client.get<Task>(one(id)),
    taskVersion: (id: string, number: number) => client.get<TaskVersion>(`${one(id)}/versions/${number}`),
    confirmTask: (id: string, version: number, hash: string) => client.post<Task>(`${one(id)}/confirm`, { version, hash }),
    taskTooMuch: (id: string) => client.post(`${one(id)}/burden`),
    keptTasks: (after?: string) => client.get<Page<KeptTask>>(`${V1}/tasks`, { query: { after, limit: 30 } }),
    createTask: (input: TaskInput, key: string) => client.post<Task>(`${V1}/tasks`, input, { key }),
    changeTask: (id: string, input: TaskInput) => client.put<Task>(one(id), { json: input }),
    dropTask: (id: string) => client.delete(one(id)),
    giveTask: (id: string) => client.post<Task>(`${one(id)}/give`),
    closeTask: (id: string) => client.post<Task>(`${one(id)}/close`),
    withdrawTask: (id: string, reason: string) => client.post<Task>(`${one(id)}/withdraw`, { reason }),
    addTaskFile: (id: string, file: File) =>
      client.request<TaskFile>('POST', `${one(id)}/files`, { body: file, type: file.type || 'application/octet-stream', query: { name: file.name }, timeout: UPLOAD }),
    taskFile: (id: string, file: string) => `${one(id)}/files/${encodeURIComponent(file)}`,
    taskPeople: (id: string) => client.get<TaskPeople>(`${one(id)}/people`),
    taskSheetUrl: (id: string) => `${one(id)}/people.xlsx`,
    remindOfTask: (id: string) => client.post<{ reminded: number; lately: number }>(`${one(id)}/remind`),
    confirmTaskFor: (id: string, members: string[], reason: string) =>
      client.post<{ confirmed: number }>(`${one(id)}/confirmations`, { members, reason }),
    takeTaskBack: (id: string, member: string, reason: string) => client.post(`${one(id)}/confirmations/take-back`, { member, reason }),
    taskBurdens: () => client.get<{ items: TaskBurden[] }>(`${V1}/task-burdens`),
  }
}
