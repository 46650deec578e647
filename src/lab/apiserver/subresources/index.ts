import type { SubresourceName } from '../resources/resource.ts'
import { binding } from './binding.ts'
import { exec, portForward } from './connections.ts'
import { eviction } from './eviction.ts'
import { finalize } from './finalize.ts'
import { log } from './log.ts'
import { scale } from './scale.ts'
import { status } from './status.ts'
import type { Subresource } from './subresource.ts'

export const subresources: Readonly<Record<SubresourceName, Subresource>> = {
  binding,
  eviction,
  exec,
  finalize,
  log,
  portforward: portForward,
  scale,
  status,
}
