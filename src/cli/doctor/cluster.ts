import type { ResolvedConfig } from '../../config/load.ts'
import { connect, type KubernetesClient } from '../../kubernetes/api/client.ts'
import { findNamespace } from '../../kubernetes/api/namespace.ts'
import { missingPermissions, type Permission } from '../../kubernetes/api/permissions.ts'
import { liveHolder } from '../../kubernetes/keeper/lease.ts'
import { runPermissions } from '../../kubernetes/keeper/run-permissions.ts'
import { checkTarget } from '../../runner/target-safety.ts'
import { environmentLabel, rulesOn } from '../../safety/index.ts'
import { systemClock } from '../../support/clock.ts'
import { ChaosError } from '../../support/errors.ts'
import { formatMilliseconds } from '../../support/quantities.ts'
import type { TargetReference } from '../../undo/types.ts'
import { type Check, check, note, ok } from './check.ts'
import { type ClockReading, clockFinding } from './clock.ts'

/** The oldest version with all the APIs that are used, in their stable form. */
const oldestMinor = 19

/** What is to be known of a cluster, which may be a lab: whether it is reached, and what may be done there. */
export async function clusterChecks(
  reference: TargetReference,
  config: ResolvedConfig,
  needed: readonly Permission[],
): Promise<Check[]> {
  const { signal } = new AbortController()
  let clock: ClockReading | undefined
  let client: KubernetesClient | undefined
  const server = await check('API server', async () => {
    client = await connect(reference, signal)
    // The first request pays for the connection, and would make the clock seem late.
    await client.serverVersion()
    const sentAt = systemClock.now()
    const { gitVersion, at: saidAt } = await client.serverVersion()
    const receivedAt = systemClock.now()
    clock = { sentAt, receivedAt, saidAt, resolutionMs: 1000 }
    return versionFinding(gitVersion, receivedAt - sentAt)
  })
  if (!client || !clock) return [server]
  const [asking, reading] = [client, clock]
  return [
    server,
    await check('clock', () => clockFinding('the API server', reading)),
    await check('namespace', () => namespaceFinding(reference, config, signal)),
    ...(reference.kind === 'lab' ? [] : await accessChecks(asking, needed)),
  ]
}

function versionFinding(gitVersion: string, tookMs: number) {
  const found = `${gitVersion}, answered in ${formatMilliseconds(tookMs)}`
  const minor = Number(/^v1\.(\d+)/.exec(gitVersion)?.[1] ?? oldestMinor)
  return minor < oldestMinor ? note(`${found}; versions before v1.${oldestMinor} are untested`) : ok(found)
}

async function namespaceFinding(reference: TargetReference, config: ResolvedConfig, signal: AbortSignal) {
  const { namespace } = reference
  const { target, safety } = config
  if (typeof target === 'string' || 'lab' in target) return ok(namespace)
  const rules = rulesOn(reference, safety)
  await checkTarget(reference, target, { rules, confirms: false }, signal)
  const label = (await findNamespace(reference, signal))?.labels[environmentLabel]
  const environments = [...new Set([target.environment, label].filter((each) => each !== undefined))]
  if (environments.length === 0) return ok(namespace)
  const flags = environments.map((each) => `--yes-in ${each}`).join(' ')
  return note(`${namespace}, of the environment ${environments.join(' and ')}: a run needs ${flags}`)
}

async function accessChecks(client: KubernetesClient, needed: readonly Permission[]): Promise<Check[]> {
  const { namespace } = client.target
  return [
    await check('lock', async () => {
      const holder = await liveHolder(client)
      return holder === undefined ? ok('free') : note(`run ${holder} has it now: another one is refused meanwhile`)
    }),
    await check('permissions', async () => {
      const every = runPermissions(namespace)
      const missing = await missingPermissions(client, [...every, ...needed])
      if (missing.length > 0) throw missingError(client, missing)
      if (needed.length > 0)
        return ok('all that every run needs, and all that the specs needed when they were run last')
      return note('all that every run needs; what the specs need beside it is not known')
    }),
  ]
}

function missingError({ target }: KubernetesClient, missing: readonly Permission[]): ChaosError {
  const words = missing.map(({ verb, resource, subresource, namespace, name }) => {
    const what = [resource, ...(subresource === undefined ? [] : [subresource])].join('/')
    const which = name === undefined ? '' : ` "${name}"`
    return `${verb} ${what}${which}${namespace === undefined ? '' : ` in "${namespace}"`}`
  })
  return new ChaosError(
    'CHAOS_FORBIDDEN',
    `The user of context "${target.context}" may not: ${words.join(', ')}. "chaos-test rbac" prints a Role that grants what is needed.`,
  )
}
