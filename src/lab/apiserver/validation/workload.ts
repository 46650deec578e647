import { isDeepStrictEqual } from 'node:util'
import type { PodTemplateSpec } from 'kubernetes-types/core/v1.d.ts'
import type { LabelSelector } from 'kubernetes-types/meta/v1.d.ts'
import { selects, selectsAll } from '../../labels.ts'
import { checkLabelSelector } from './label-selector.ts'
import { checkLabels } from './metadata.ts'
import { checkPodSpec } from './pod-spec.ts'
import type { Problems } from './problems.ts'

/** What deployments and replica sets have in common. */
interface WorkloadSpec {
  replicas?: number
  minReadySeconds?: number
  selector?: LabelSelector
  template?: PodTemplateSpec
}

export function checkWorkload(spec: WorkloadSpec, problems: Problems): void {
  const { selector, template } = spec
  problems.notNegative('spec.replicas', spec.replicas)
  problems.notNegative('spec.minReadySeconds', spec.minReadySeconds)
  if (!selector) problems.required('spec.selector')
  else {
    checkLabelSelector(selector, 'spec.selector', problems)
    if (selectsAll(selector)) problems.invalid('spec.selector', selector, 'empty selector is invalid for deployment')
  }
  const labels = template?.metadata?.labels ?? {}
  if (selector && !selectsAll(selector) && !selects(selector, labels)) {
    problems.invalid('spec.template.metadata.labels', labels, '`selector` does not match template `labels`')
  }
  checkLabels(labels, 'spec.template.metadata.labels', problems)
  if (!template?.spec) return
  checkPodSpec(template.spec, 'spec.template.spec', problems)
  if (template.spec.restartPolicy !== 'Always') {
    problems.unsupported('spec.template.spec.restartPolicy', template.spec.restartPolicy, ['Always'])
  }
}

export function checkSelectorKept(
  spec: WorkloadSpec | undefined,
  previous: WorkloadSpec | undefined,
  problems: Problems,
): void {
  if (!isDeepStrictEqual(spec?.selector, previous?.selector)) {
    problems.invalid('spec.selector', spec?.selector, 'field is immutable')
  }
}

/** A number of pods, or a share of them as in `25%`. */
export function checkShare(value: number | string, field: string, problems: Problems): void {
  if (typeof value === 'number') problems.notNegative(field, value)
  else if (!/^\d+%$/.test(value)) {
    problems.invalid(
      field,
      value,
      "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')",
    )
  }
}
