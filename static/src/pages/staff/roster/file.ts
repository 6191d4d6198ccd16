/** What a chosen file is, before it is sent. */

export const FILE_MOST = 5 * 1024 * 1024
export const ACCEPT = '.csv,.xlsx,text/csv,application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'

const TYPES: Readonly<Record<string, string>> = {
  csv: 'text/csv',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
}

/** The media type by the ending: what systems say of CSV files differs too much. Empty for what is no roster. */
export function rosterType(name: string): string {
  return TYPES[name.toLowerCase().split('.').pop() ?? ''] ?? ''
}

export function fileFault(file: Pick<File, 'name' | 'size'>): string {
  if (/\.xls$/i.test(file.name)) return '这是旧版 Excel 文件（.xls），请另存为 .xlsx 后再选'
  if (rosterType(file.name) === '') return '请选择 CSV 或 XLSX 文件'
  if (file.size === 0) return '这个文件是空的'
  return file.size > FILE_MOST ? '文件不能超过 5 MB，请分成几个文件' : ''
}

export const TEMPLATE = '\uFEFF编号,姓名,手机号,支部,城市,身份,角色\r\n'
