import { type JsonObject, type JsonValue, toJsonValue } from './json.ts'

/** What stands where a secret stood. */
export const redacted = '[redacted]'

export interface RedactOptions {
  /** Values that must not be shown wherever they stand, also inside a text. */
  secrets?: readonly string[]
  /** What matches them must not be shown either. They are global. */
  patterns?: readonly RegExp[]
}

/** A name of something secret, in any spelling: `apiKey`, `API_KEY`, `X-Api-Key`. */
const secretName =
  /authorization|cookie|credential|password|passwd|passphrase|secret|token|api[-_]?key|access[-_]?key|private[-_]?key|kubeconfig/i

/** Names in Kubernetes' objects that only point to something secret. */
const referenceName = /^(secretName|secretRef|secretKeyRef|imagePullSecrets|automountServiceAccountToken)$/

/** Shorter values would be found in innocent text. */
const shortestSecret = 4

/** What may stand between words, also in a URL. */
const space = '(?:\\s|%20|\\+)'
/** `password=…`, `"apiKey": "…"`, `Authorization: Bearer …` and the like, inside a text, also one that is part of a URL. */
const assignment = new RegExp(
  `((?:${secretName.source})[\\w-]*["']?${space}*(?:[=:]|%3[ad])${space}*)(?:(?:bearer|basic)${space}+)?(?:"[^"]*"|'[^']*'|[^\\s"',;&]+)`,
  'gi',
)
/** `--token …` inside a text. */
const flag = new RegExp(`(--?[\\w-]*(?:${secretName.source})[\\w-]*\\s+)[^\\s-]\\S*`, 'gi')
const authorization = new RegExp(`(?<![a-z])(bearer|basic)${space}+[\\w.~+/=-]{8,}`, 'gi')
const userInUrl = /(\b[a-z][a-z0-9+.-]*:\/\/)[^\s/@]+@/gi

/**
 * A copy of a value for everyone's eyes: without what a name, a form or the caller marks as secret.
 *
 * Names decide for members of objects, for Kubernetes' `{ name, value }` pairs, for the data of a Secret and for
 * assignments in text; URLs lose their user and password, and JSON inside a text is looked into. Rather too much is
 * hidden than too little.
 *
 * @example
 * redact({ url: 'https://me:pw@host/', headers: { Authorization: 'Bearer abc' } })
 * // { url: 'https://[redacted]@host/', headers: { Authorization: '[redacted]' } }
 */
export function redact(value: unknown, options: RedactOptions = {}): JsonValue {
  return redactValue(toJsonValue(value), hiddenBy(options))
}

/** The same for a text. */
export function redactText(text: string, options: RedactOptions = {}): string {
  return redactString(text, hiddenBy(options))
}

/** What is hidden in every text, beside what names and forms say. */
interface Hidden {
  secrets: readonly string[]
  patterns: readonly RegExp[]
}

function hiddenBy({ secrets = [], patterns = [] }: RedactOptions): Hidden {
  const long = secrets.filter((secret) => secret.length >= shortestSecret)
  // The longest first, or a secret that contains another one would leave its rest behind.
  return { secrets: long.sort((a, b) => b.length - a.length), patterns }
}

function redactValue(value: JsonValue, hidden: Hidden): JsonValue {
  if (typeof value === 'string') return redactString(value, hidden)
  if (Array.isArray(value)) return redactList(value, hidden)
  if (value !== null && typeof value === 'object') return redactObject(value, hidden)
  return value
}

function redactObject(object: JsonObject, hidden: Hidden): JsonObject {
  const isSecret = secretMembers(object)
  return Object.fromEntries(
    Object.entries(object).map(([name, value]) => [
      redactString(name, hidden),
      isSecret(name) ? hide(value) : redactValue(value, hidden),
    ]),
  )
}

function secretMembers(object: JsonObject): (name: string) => boolean {
  const isSecretObject = object.kind === 'Secret'
  const isSecretPair = typeof object.name === 'string' && isSecretName(object.name)
  return (name) =>
    isSecretName(name) ||
    (isSecretPair && name === 'value') ||
    (isSecretObject && (name === 'data' || name === 'stringData'))
}

export function isSecretName(name: string): boolean {
  return secretName.test(name) && !referenceName.test(name)
}

/** Whether there is a value, and whether it is on or off, is no secret. */
function hide(value: JsonValue): JsonValue {
  return value === null || typeof value === 'boolean' || value === '' ? value : redacted
}

/** In a command line, `--token` names the argument after it. */
function redactList(list: readonly JsonValue[], hidden: Hidden): JsonValue[] {
  return list.map((item, index) => {
    const before = list[index - 1]
    const isNamed = typeof before === 'string' && /^--?[\w-]+$/.test(before) && isSecretName(before)
    return isNamed && typeof item === 'string' ? hide(item) : redactValue(item, hidden)
  })
}

function redactString(text: string, hidden: Hidden): string {
  const inner = jsonInside(text)
  if (inner !== undefined) {
    const outer = JSON.stringify(redactValue(inner, hidden))
    return outer === JSON.stringify(inner) ? text : outer
  }
  let result = text
  for (const secret of hidden.secrets) result = result.replaceAll(secret, redacted)
  for (const pattern of hidden.patterns) result = result.replace(pattern, redacted)
  return result
    .replace(userInUrl, `$1${redacted}@`)
    .replace(assignment, `$1${redacted}`)
    .replace(flag, `$1${redacted}`)
    .replace(authorization, `$1 ${redacted}`)
}

/** The object or list that a text is, such as Kubernetes' `last-applied-configuration`. */
function jsonInside(text: string): JsonValue | undefined {
  if (!/^\s*[[{]/.test(text)) return undefined
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
