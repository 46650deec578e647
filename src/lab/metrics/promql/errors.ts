/** A query is wrong, or asks for what this server does not have. Positions count from 1, as Prometheus' do. */
export class QueryError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'QueryError'
  }
}

/** The query was understood, and evaluating it failed: Prometheus' `execution` errors. */
export class EvaluationError extends QueryError {
  constructor(message: string) {
    super(message)
    this.name = 'EvaluationError'
  }
}

/** The query is PromQL, and beyond this server: it must never look like a query that finds nothing. */
export class NotSupportedError extends QueryError {
  readonly what: string

  constructor(what: string) {
    super(`${what} is not supported by the lab's metrics server`)
    this.name = 'NotSupportedError'
    this.what = what
  }
}

/** The query is no PromQL. */
export function parseError(query: string, offset: number, message: string): QueryError {
  return new QueryError(`${positionOf(query, offset)}: parse error: ${message}`)
}

/** A place in a query as people count: `line:column`. */
export function positionOf(query: string, offset: number): string {
  const before = query.slice(0, offset).split('\n')
  return `${before.length}:${(before.at(-1)?.length ?? 0) + 1}`
}
