/** The forms in which a client takes an answer. */
export type AcceptedForm = 'json' | 'table' | 'metadata'

/** The best form that the client takes and the server has; undefined when there is none. */
export type Accept = AcceptedForm | undefined

/** Reads an Accept header. Aggregated discovery and protobuf are passed over: who asks for them takes JSON as well. */
export function parseAccept(header: string | undefined): Accept {
  if (!header?.trim()) return 'json'
  for (const range of header.split(',')) {
    const form = formOf(range)
    if (form) return form
  }
  return undefined
}

function formOf(range: string): AcceptedForm | undefined {
  const [type = '', ...rest] = range.split(';').map((part) => part.trim().toLowerCase())
  if (type !== 'application/json' && type !== 'application/*' && type !== '*/*') return undefined
  const as = rest.find((parameter) => parameter.startsWith('as='))?.slice('as='.length)
  if (!as) return 'json'
  if (!rest.includes('g=meta.k8s.io')) return undefined
  if (as === 'table') return 'table'
  return as.startsWith('partialobjectmetadata') ? 'metadata' : undefined
}
