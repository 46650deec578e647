import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import type { V1Status } from '@kubernetes/client-node'
import { within } from '../../support/deadline.ts'
import { ChaosError, messageOf } from '../../support/errors.ts'
import { formatMilliseconds } from '../../support/quantities.ts'
import type { Undo } from '../../undo/types.ts'
import type { Irreversible } from '../../undo/without-undo.ts'
import { pods } from '../api/api-resources.ts'
import type { KubernetesClient } from '../api/client.ts'
import { ApiFailure, explain } from '../api/errors.ts'
import { loadClientLibrary } from '../api/kubeconfig.ts'
import { type Permission, permissionsTo, requirePermissions } from '../api/permissions.ts'
import type { Pod } from '../api/resources.ts'
import { act } from './act.ts'

/** What came of a command in a pod. */
export interface ExecResult {
  pod: string
  exitCode: number
  stdout: string
  stderr: string
}

export interface Execution {
  chosen: readonly Pod[]
  among: readonly Pod[]
  /** Among which they were chosen, in words. */
  description: string
  command: readonly string[]
  container: string | undefined
  undo: Undo | Irreversible | 'reads only'
  withinMs: number
}

/**
 * Runs a command in pods, at the same time in all of them. That it ends with another code than 0 is a result.
 *
 * @throws CHAOS_EXEC_FAILED when it could not be run or did not end in time
 */
export async function execInPods(client: KubernetesClient, execution: Execution): Promise<ExecResult[]> {
  const { chosen, among, command, undo, description } = execution
  const names = chosen.map(({ metadata }) => metadata.name)
  const permissions = chosen.flatMap(execPermissions)
  const run = (by: KubernetesClient) => Promise.all(chosen.map((pod) => execIn(by, pod, execution)))
  if (undo === 'reads only') {
    await requirePermissions(client, permissions)
    return await run(client)
  }
  return await act(client, {
    title: `run ${command.join(' ')} in ${names.map((name) => `pod/${name}`).join(', ')}`,
    impact: {
      objects: chosen.map(({ metadata: { namespace, name } }) => ({ kind: 'pod', namespace, name })),
      pods: { hit: chosen.length, of: among.length, among: description, names },
    },
    permissions,
    undo,
    run,
    // There is no trying a command.
    rehearse: async () => undefined,
  })
}

/** A WebSocket is opened by a `get`; newer API servers ask for `create` as well. */
function execPermissions({ metadata: { namespace, name } }: Pod): Permission[] {
  return permissionsTo(['get', 'create'], pods, { namespace, name, subresource: 'exec' })
}

async function execIn(client: KubernetesClient, pod: Pod, execution: Execution): Promise<ExecResult> {
  const { command, container, withinMs } = execution
  const { namespace, name } = pod.metadata
  const timeout = () => failed(pod, command, `it did not end within ${formatMilliseconds(withinMs)}`)
  const { Exec } = await loadClientLibrary()
  const stdout = new PassThrough()
  const stderr = new PassThrough()
  const output = Promise.all([text(stdout), text(stderr)])
  let close = () => {}
  const run = async () => {
    const ended = Promise.withResolvers<V1Status>()
    const of = container ?? pod.spec.containers[0]?.name ?? ''
    const socket = await new Exec(client.kubeconfig)
      .exec(namespace, name, of, [...command], stdout, stderr, null, false, ended.resolve)
      .catch((error: unknown) => {
        throw notOpened(error, pod, client)
      })
    close = () => socket.close()
    socket.onclose = () => ended.reject(failed(pod, command, 'the connection was lost before it ended'))
    const status = await ended.promise
    const [out, err] = await output
    return { pod: name, exitCode: exitCodeOf(status, pod, command), stdout: out, stderr: err }
  }
  try {
    return await within(withinMs, timeout, run, client.signal)
  } finally {
    close()
  }
}

/** The refusal of a WebSocket says its HTTP status and no more. */
function notOpened(error: unknown, { metadata: { namespace, name } }: Pod, { target }: KubernetesClient): ChaosError {
  const message = messageOf(error instanceof Error ? error : (error as { message?: string }).message)
  const status = Number(/Unexpected server response: (\d+)/.exec(message)?.[1])
  const request = { verb: 'get', group: '', resource: 'pods', subresource: 'exec', namespace, name } as const
  const body = status === 404 ? '404 page not found' : message
  return explain(status > 0 ? new ApiFailure(status, body) : error, request, target)
}

function exitCodeOf({ status, message, details }: V1Status, pod: Pod, command: readonly string[]): number {
  if (status === 'Success') return 0
  const code = Number(details?.causes?.find(({ reason }) => reason === 'ExitCode')?.message)
  if (Number.isInteger(code)) return code
  throw failed(pod, command, message ?? 'no reason given')
}

function failed({ metadata: { name } }: Pod, command: readonly string[], why: string): ChaosError {
  return new ChaosError('CHAOS_EXEC_FAILED', `The command "${command.join(' ')}" in pod/${name}: ${why}.`)
}
