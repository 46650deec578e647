import { messageOf, usageError } from '../support/errors.ts'

// To import it would be to load the whole of Node's WebSocket with it, in every process that reads a spec.
const { validateHeaderName, validateHeaderValue } = process.getBuiltinModule('node:http')

/** Who the users are. */
export type Credentials = { bearer: string } | { user: string; password: string }

export function authorizationHeaders(credentials: Credentials): Record<string, string> {
  if ('bearer' in credentials) return { authorization: `Bearer ${credentials.bearer}` }
  const { user, password } = credentials
  return { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` }
}

/** Names and values in turn, as undici takes them. @throws CHAOS_BAD_HEADER (usage) */
export function headerList(headers: Readonly<Record<string, string>>): string[] {
  for (const [name, value] of Object.entries(headers)) {
    try {
      validateHeaderName(name)
      validateHeaderValue(name, value)
    } catch (error) {
      throw usageError('CHAOS_BAD_HEADER', `traffic: the header "${name}" cannot be sent: ${messageOf(error)}.`)
    }
  }
  return Object.entries(headers).flat()
}

/** Header names and values in turn, those of the second in the place of the same names of the first. */
export function mergeHeaders(list: readonly string[], headers: Readonly<Record<string, string>>): string[] {
  const replaced = new Set(Object.keys(headers).map((name) => name.toLowerCase()))
  const kept = list.filter((_, index) => !replaced.has(list[index - (index % 2)]?.toLowerCase() ?? ''))
  return [...kept, ...headerList(headers)]
}
