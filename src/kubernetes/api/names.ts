import { ChaosError, usageError } from '../../support/errors.ts'
import { hasCode } from './errors.ts'
import type { LabelSelector, ObjectReference } from './resources.ts'

/** @throws CHAOS_BAD_NAME (usage) when no object can have that name (RFC 1123). */
export function checkName(kind: string, name: string): string {
  if (/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/.test(name)) return name
  throw usageError(
    'CHAOS_BAD_NAME',
    `"${name}" cannot be the name of a ${kind}: names have lower-case letters, digits, "-" and ".", and begin and end with a letter or a digit.`,
  )
}

/** The error for an object that does not exist: it names those that do, where they may be listed. */
export async function noSuch(
  kind: string,
  tried: string,
  { namespace, name }: ObjectReference,
  list: () => Promise<string[]>,
): Promise<ChaosError> {
  const names = await list().catch((error: unknown) => {
    if (hasCode(error, 'CHAOS_FORBIDDEN')) return undefined
    throw error
  })
  const others =
    names === undefined
      ? 'Which others there are may not be listed'
      : names.length > 0
        ? `It has: ${names.join(', ')}`
        : `The namespace has no ${kind} at all, or does not exist`
  return new ChaosError(
    `CHAOS_NO_SUCH_${kind.toUpperCase()}`,
    `${tried}: there is no ${kind} "${name}" in namespace "${namespace}". ${others}.`,
  )
}

/** Labels as a selector of the API: `app=web,tier in (a,b)`. */
export function formatSelector({ matchLabels = {}, matchExpressions = [] }: LabelSelector): string {
  const equal = Object.entries(matchLabels).map(([key, value]) => `${key}=${value}`)
  const others = matchExpressions.map(({ key, operator, values = [] }) => {
    switch (operator) {
      case 'Exists':
        return key
      case 'DoesNotExist':
        return `!${key}`
      default:
        return `${key} ${operator.toLowerCase()} (${values.join(',')})`
    }
  })
  return [...equal, ...others].join(',')
}

/** The name of a method as words, for its span: `set image`. */
export function wordsOf(method: string): string {
  return method.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
}
