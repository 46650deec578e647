import { isDeepStrictEqual } from 'node:util'
import type { PodDisruptionBudget } from 'kubernetes-types/policy/v1.d.ts'
import type { Stored } from '../objects.ts'
import { conditions, labelSelector } from '../schemas/meta.ts'
import { always, integer, intOrString, map, struct, text } from '../schemas/schema.ts'
import { ageColumn, integerColumn, nameColumn, textColumn } from '../tables/column.ts'
import { checkLabelSelector } from '../validation/label-selector.ts'
import { checkShare } from '../validation/workload.ts'
import { defineResource } from './define.ts'

const unhealthyPolicies = ['IfHealthyBudget', 'AlwaysAllow']

/** How many pods of a kind evictions must leave. What it allows now is in its status, by the disruption controller. */
export const disruptionBudgets = defineResource<Stored<PodDisruptionBudget>>({
  group: 'policy',
  kind: 'PodDisruptionBudget',
  shortNames: ['pdb'],
  schema: struct({
    spec: always(
      struct({
        minAvailable: intOrString,
        maxUnavailable: intOrString,
        selector: labelSelector,
        unhealthyPodEvictionPolicy: text,
      }),
    ),
    status: always(
      struct({
        observedGeneration: integer,
        disruptedPods: map(text),
        disruptionsAllowed: integer,
        currentHealthy: integer,
        desiredHealthy: integer,
        expectedPods: integer,
        conditions,
      }),
    ),
  }),
  ownsStatus: true,
  columns: [
    nameColumn,
    textColumn('Min Available', ({ spec }) => String(spec?.minAvailable ?? 'N/A')),
    textColumn('Max Unavailable', ({ spec }) => String(spec?.maxUnavailable ?? 'N/A')),
    integerColumn('Allowed Disruptions', ({ status }) => status?.disruptionsAllowed ?? 0),
    ageColumn,
  ],

  prepareCreate(budget) {
    budget.status = { currentHealthy: 0, desiredHealthy: 0, disruptionsAllowed: 0, expectedPods: 0 }
  },
  check({ spec = {} }, problems) {
    const { minAvailable, maxUnavailable, selector, unhealthyPodEvictionPolicy } = spec
    if (minAvailable !== undefined && maxUnavailable !== undefined) {
      problems.invalid('spec', spec, 'minAvailable and maxUnavailable cannot be both set')
    }
    if (minAvailable !== undefined) checkShare(minAvailable, 'spec.minAvailable', problems)
    if (maxUnavailable !== undefined) checkShare(maxUnavailable, 'spec.maxUnavailable', problems)
    if (selector) checkLabelSelector(selector, 'spec.selector', problems)
    if (unhealthyPodEvictionPolicy !== undefined && !unhealthyPolicies.includes(unhealthyPodEvictionPolicy)) {
      problems.unsupported('spec.unhealthyPodEvictionPolicy', unhealthyPodEvictionPolicy, unhealthyPolicies)
    }
  },
  isNewGeneration: (budget, previous) => !isDeepStrictEqual(budget.spec, previous.spec),
})
