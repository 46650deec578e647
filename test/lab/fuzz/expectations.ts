import type { FuzzAnswer } from './client.ts'
import type { FuzzRequest } from './requests.ts'

/** What is wrong with an answer; undefined when nothing is. */
export function problemOf({ method }: FuzzRequest, { code, contentType, text }: FuzzAnswer): string | undefined {
  if (code >= 500) return `it was answered ${code}: ${text}`
  if (text === undefined || method === 'HEAD') return undefined
  if (code < 400) return contentType.includes('json') ? problemOfJson(text) : undefined
  const status = parsed(text)
  if (status === undefined) return `it was refused with ${code}, without JSON: ${contentType} ${text}`
  if (
    status.kind !== 'Status' ||
    status.status !== 'Failure' ||
    status.code !== code ||
    !status.reason ||
    !status.message
  )
    return `it was refused with ${code}, without a right Status: ${text}`
  return undefined
}

function problemOfJson(text: string): string | undefined {
  return parsed(text) === undefined ? `the answer is no JSON object: ${text.slice(0, 200)}` : undefined
}

function parsed(text: string): Record<string, unknown> | undefined {
  try {
    const value = JSON.parse(text)
    return typeof value === 'object' && value !== null ? value : undefined
  } catch {
    return undefined
  }
}
