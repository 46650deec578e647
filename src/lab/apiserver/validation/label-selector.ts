import type { LabelSelector } from 'kubernetes-types/meta/v1.d.ts'
import { checkLabels } from './metadata.ts'
import { qualifiedName } from './names.ts'
import type { Problems } from './problems.ts'

const operators = ['In', 'NotIn', 'Exists', 'DoesNotExist']

export function checkLabelSelector(selector: LabelSelector, field: string, problems: Problems): void {
  checkLabels(selector.matchLabels, `${field}.matchLabels`, problems)
  for (const [index, { key, operator, values }] of (selector.matchExpressions ?? []).entries()) {
    const at = `${field}.matchExpressions[${index}]`
    const wrongKey = qualifiedName(key ?? '')
    if (wrongKey) problems.invalid(`${at}.key`, key, wrongKey)
    if (!operators.includes(operator)) problems.invalid(`${at}.operator`, operator, 'not a valid selector operator')
    const wantsValues = operator === 'In' || operator === 'NotIn'
    if (wantsValues && !values?.length) {
      problems.required(`${at}.values`, "must be specified when `operator` is 'In' or 'NotIn'")
    }
    if (!wantsValues && values?.length) {
      problems.forbidden(`${at}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'")
    }
  }
}
