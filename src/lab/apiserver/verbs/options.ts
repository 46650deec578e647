import type { ApiRequest } from '../http/request.ts'
import { invalid } from '../status.ts'

/** Whether a write is only tried. @throws StatusError 422 */
export function isDryRun(values: readonly string[], kind: string): boolean {
  const wrong = values.filter((value) => value !== 'All')
  if (wrong.length === 0) return values.length > 0
  throw invalid({ group: 'meta.k8s.io', kind }, '', [
    {
      reason: 'FieldValueNotSupported',
      message: `Unsupported value: ${JSON.stringify(wrong)}: supported values: "All"`,
      field: 'dryRun',
    },
  ])
}

/** The `dryRun` of a query. @throws StatusError 422 */
export function isDryRunQuery({ query }: ApiRequest, kind: string): boolean {
  return isDryRun(
    query.getAll('dryRun').filter((value) => value !== ''),
    kind,
  )
}
