/** How to be let in by an HTTP API. Plain data, since it crosses a process boundary, and secret as a whole. */
export interface HttpAccess {
  /** Sent with each request: an authorization, a tenant. */
  readonly headers: Readonly<Record<string, string>>
  readonly tls?: TlsAccess
}

/** Certificates and keys as PEM texts. */
export interface TlsAccess {
  /** Who is trusted, instead of the usual authorities. */
  readonly ca?: string
  /** Our own certificate, where the server asks for one, and its key. */
  readonly cert?: string
  readonly key?: string
  /** The name that the server's certificate must be for, where it is not that of the URL. */
  readonly serverName?: string
  /** Whatever certificate the server has is accepted. */
  readonly insecure?: boolean
}

const secretHeader = /authorization|cookie|token|secret|key|password/i

/** The values of an access that nobody may see, wherever they turn up: an answer may echo them. */
export function secretsOf({ headers, tls }: HttpAccess): string[] {
  const inHeaders = Object.entries(headers)
    .filter(([name]) => secretHeader.test(name))
    .flatMap(([, value]) => [value, ...credentialsIn(value)])
  return [...inHeaders, ...(tls?.key ? [tls.key] : [])]
}

/** What a header such as `Bearer …` or `Basic …` holds, as it is sent and as its owner knows it. */
function credentialsIn(value: string): string[] {
  const [, scheme = '', credentials = ''] = /^(\w+) +(.+)$/.exec(value) ?? []
  if (credentials === '') return []
  if (scheme.toLowerCase() !== 'basic') return [credentials]
  const pair = Buffer.from(credentials, 'base64').toString()
  return [credentials, pair, pair.slice(pair.indexOf(':') + 1)]
}
