import type { Pod } from 'kubernetes-types/core/v1.d.ts'
import type { Stored } from '../objects.ts'
import { badRequest } from '../status.ts'

/**
 * The container that a request means: the one that it names, or the only one.
 * @throws StatusError 400 when the pod has no such container, or none was named and it has several
 */
export function containerOf({ metadata, spec }: Stored<Pod>, wanted: string | null): string {
  const own = (spec?.containers ?? []).map(({ name }) => name)
  const all = [...own, ...(spec?.initContainers ?? []).map(({ name }) => name)]
  const [only] = own
  if (!wanted && only && all.length === 1) return only
  if (wanted && all.includes(wanted)) return wanted
  throw badRequest(
    wanted
      ? `container ${wanted} is not valid for pod ${metadata.name}`
      : `a container name must be specified for pod ${metadata.name}, choose one of: [${all.join(' ')}]`,
  )
}
