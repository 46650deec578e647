/** A query is wrong, or asks for what this server does not have. Positions count from 1, as Prometheus' do. */
export class QueryError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'QueryError'
  }
}

/** The query is no PromQL. */
export function parseError(query: string, offset: number, message: string): QueryError {
  const before = query.slice(0, offset).split('\n')
  return new QueryError(`${before.length}:${(before.at(-1)?.length ?? 0) + 1}: parse error: ${message}`)
}

/** The query is PromQL, and beyond this server: it must never look like a query that finds nothing. */
export function notSupported(what: string): QueryError {
  return new QueryError(
    `${what} is not supported by the lab's metrics server: it answers selectors, as in up{job="x"} and up{job="x"}[30s]`,
  )
}
