import { type JsonObject, type JsonValue, toJsonValue } from './json.ts'

/** What stands where a secret stood. */
export const redacted = '[redacted]'

export interface RedactOptions {
  /** Values that must not be shown wherever they stand, also inside a text. */
  secrets?: readonly string[]
}

/** A name of something secret, in any spelling: `apiKey`, `API_KEY`, `X-Api-Key`. */
const secretName =
  /authorization|cookie|credential|password|passwd|passphrase|secret|token|api[-_]?key|access[-_]?key|private[-_]?key|kubeconfig/i

/** Names in Kubernetes' objects that only point to something secret. */
const referenceName = /^(secretName|secretRef|secretKeyRef|imagePullSecrets|automountServiceAccountToken)$/

/** Shorter values would be found in innocent text. */
const shortestSecret = 4

/** `password=…`, `"apiKey": "…"`, `Authorization: Bearer …` and the like, inside a text. */
const assignment = new RegExp(
  `((?:${secretName.source})[\\w-]*["']?\\s*[=:]\\s*)(?:(?:bearer|basic)\\s+)?(?:"[^"]*"|'[^']*'|[^\\s"',;&]+)`,
  'gi',
)
/** `--token …` inside a text. */
const flag = new RegExp(`(--?[\\w-]*(?:${secretName.source})[\\w-]*\\s+)[^\\s-]\\S*`, 'gi')
const authorization = /\b(bearer|basic)\s+[\w.~+/=-]{8,}/gi
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
  const secrets = (options.secrets ?? []).filter((secret) => secret.length >= shortestSecret)
  // The longest first, or a secret that contains another one would leave its rest behind.
  return redactValue(
    toJsonValue(value),
    [...secrets].sort((a, b) => b.length - a.length),
  )
}

function redactValue(value: JsonValue, secrets: readonly string[]): JsonValue {
  if (typeof value === 'string') return redactText(value, secrets)
  if (Array.isArray(value)) return redactList(value, secrets)
  if (value !== null && typeof value === 'object') return redactObject(value, secrets)
  return value
}

function redactObject(object: JsonObject, secrets: readonly string[]): JsonObject {
  const isSecret = secretMembers(object)
  return Object.fromEntries(
    Object.entries(object).map(([name, value]) => [
      redactText(name, secrets),
      isSecret(name) ? hide(value) : redactValue(value, secrets),
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

function isSecretName(name: string): boolean {
  return secretName.test(name) && !referenceName.test(name)
}

/** Whether there is a value, and whether it is on or off, is no secret. */
function hide(value: JsonValue): JsonValue {
  return value === null || typeof value === 'boolean' || value === '' ? value : redacted
}

/** In a command line, `--token` names the argument after it. */
function redactList(list: readonly JsonValue[], secrets: readonly string[]): JsonValue[] {
  return list.map((item, index) => {
    const before = list[index - 1]
    const isNamed = typeof before === 'string' && /^--?[\w-]+$/.test(before) && isSecretName(before)
    return isNamed && typeof item === 'string' ? hide(item) : redactValue(item, secrets)
  })
}

function redactText(text: string, secrets: readonly string[]): string {
  const inner = jsonInside(text)
  if (inner !== undefined) {
    const outer = JSON.stringify(redactValue(inner, secrets))
    return outer === JSON.stringify(inner) ? text : outer
  }
  let result = text
  for (const secret of secrets) result = result.replaceAll(secret, redacted)
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
