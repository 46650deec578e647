import type { PodTemplateSpec } from 'kubernetes-types/core/v1.d.ts'
import type { LabelSelector } from 'kubernetes-types/meta/v1.d.ts'
import type { ApiObject } from '../objects.ts'
import { formatLabelSelector } from '../selectors/labels.ts'
import { type Column, textColumn, wide } from './column.ts'

interface Workload extends ApiObject {
  spec?: { template?: PodTemplateSpec; selector?: LabelSelector }
}

/** The wide columns of what runs pods from a template. */
export const templateColumns: readonly Column<Workload>[] = [
  wide(
    textColumn('Containers', (workload) =>
      containersOf(workload)
        .map(({ name }) => name)
        .join(','),
    ),
  ),
  wide(
    textColumn('Images', (workload) =>
      containersOf(workload)
        .map(({ image }) => image)
        .join(','),
    ),
  ),
  wide(textColumn('Selector', ({ spec }) => formatLabelSelector(spec?.selector) || '<none>')),
]

function containersOf({ spec }: Workload) {
  return spec?.template?.spec?.containers ?? []
}
