import { randomUUID } from 'node:crypto'
import { delimiter, dirname, join, resolve } from 'node:path'
import type { ConfigMap, Container, Pod, Secret } from 'kubernetes-types/core/v1.d.ts'
import { loopbackAddress } from '../addresses.ts'
import { isNotFound, type Resource, type Stored, services } from '../client/index.ts'
import { resolveImage } from '../images.ts'
import type { NodeContext } from './context.ts'
import { containerEnvironment, type ReadData } from './environment.ts'
import { expand } from './expansion.ts'
import type { Program } from './launcher.ts'
import { serviceEnvironment } from './service-environment.ts'
import { type Mount, makeVolumes, mountsOf, withMounts } from './volumes.ts'

const configMaps: Resource<ConfigMap> = { apiVersion: 'v1', kind: 'ConfigMap', plural: 'configmaps', namespaced: true }
const secrets: Resource<Secret> = { apiVersion: 'v1', kind: 'Secret', plural: 'secrets', namespaced: true }

/** Where the hook for Node processes is: JavaScript, beside TypeScript and in `dist` alike. */
const hookUrl = new URL('../network/hook.mjs', import.meta.url).href

/** What the shell of the lab hands to pods: where programs and files are, and nothing private. */
const inheritedVariables = ['PATH', 'HOME', 'USER', 'LANG', 'TZ', 'TMPDIR']

export interface ContainerSpot {
  pod: Stored<Pod>
  container: Container
  podIP: string
  restartCount: number
}

/**
 * What a container runs: the image's command with the container's own `command` and `args`, in its environment. The
 * addresses in the environment are those on this machine, so that a program in any language can use them.
 *
 * @throws CHAOS_IMAGE_UNKNOWN, ConfigurationError, or the API client's error
 */
export async function programOf(spot: ContainerSpot, node: NodeContext): Promise<Program> {
  const { pod, container, podIP } = spot
  const image = resolveImage(node.images, container.image ?? '')
  const readData = readerOf(pod, node)
  const addresses = { podAddress: loopbackAddress(podIP), nodeAddress: loopbackAddress(node.nodeIP) }
  await makeVolumes({ pod, folder: volumesFolder(node.home, pod), readData, ...addresses })
  const own = await containerEnvironment({
    pod,
    container,
    given: { ...inherited(), ...image.env, ...node.environment, ...(await clusterEnvironment(pod, node)) },
    ...addresses,
    readData,
  })
  const mounts = mountsOf(container, pod, volumesFolder(node.home, pod))
  const environment = { ...mounted(own, container, mounts), ...labEnvironment(own, pod, podIP, node) }
  return {
    id: randomUUID(),
    command: commandOf(container, image.command, environment).map((word) => withMounts(word, mounts)),
    mounts,
    environment,
    directory: resolve(node.root, container.workingDir ?? '.'),
    logPath: logPath(node.home, pod, container.name, spot.restartCount),
  }
}

/** The file that a run of a container writes to: 0 is its first. */
export function logPath(home: string, pod: Stored<Pod>, container: string, run: number): string {
  return join(podFolder(home, pod), container, `${run}.log`)
}

/** The folder of a pod's logs: one folder for each container, in it one file for each run. */
export function podFolder(home: string, { metadata }: Stored<Pod>): string {
  return join(home, 'pods', `${metadata.namespace}_${metadata.name}_${metadata.uid}`)
}

/** The folder of a pod's volumes. */
export function volumesFolder(home: string, pod: Stored<Pod>): string {
  return join(podFolder(home, pod), '.volumes')
}

/** The environment with the paths of the container's own variables where they are on this machine, and where each mount is. */
function mounted(
  environment: Readonly<Record<string, string>>,
  { env = [] }: Container,
  mounts: readonly Mount[],
): Record<string, string> {
  const own = env.flatMap(({ name }) => {
    const value = environment[name]
    return value === undefined ? [] : [[name, withMounts(value, mounts)]]
  })
  const places = mounts.map(({ name, path }) => [`LAB_MOUNT_${name.toUpperCase().replaceAll('-', '_')}`, path])
  return { ...environment, ...Object.fromEntries(own), ...Object.fromEntries(places) }
}

/** `command` replaces the image's command, `args` alone are added to it; variables are filled into both of these. */
function commandOf(
  { command = [], args = [] }: Container,
  imageCommand: readonly string[],
  environment: Readonly<Record<string, string>>,
): readonly string[] {
  const filled = (words: readonly string[]) => words.map((word) => expand(word, environment))
  return [...(command.length > 0 ? filled(command) : imageCommand), ...filled(args)]
}

function inherited(): Record<string, string> {
  const variables: Record<string, string> = {}
  for (const name of inheritedVariables) {
    const value = process.env[name]
    if (value !== undefined) variables[name] = value
  }
  return variables
}

/** What Kubernetes tells every container: its host name, and the services of its namespace that exist by now. */
async function clusterEnvironment(pod: Stored<Pod>, node: NodeContext): Promise<Record<string, string>> {
  const linked = pod.spec?.enableServiceLinks ?? true
  const visible = linked ? (await node.client.list(services, { namespace: pod.metadata.namespace })).items : []
  return { HOSTNAME: pod.metadata.name, ...serviceEnvironment([...visible, node.apiServer]) }
}

/** What the lab needs in every process: its own Node first on the path, with the hook that makes it live in a pod. */
function labEnvironment(
  own: Readonly<Record<string, string>>,
  pod: Stored<Pod>,
  podIP: string,
  node: NodeContext,
): Record<string, string> {
  return {
    PATH: [dirname(process.execPath), own.PATH].filter(Boolean).join(delimiter),
    NODE_OPTIONS: [`--import=${hookUrl}`, own.NODE_OPTIONS].filter(Boolean).join(' '),
    LAB_POD_ADDRESS: loopbackAddress(podIP),
    LAB_POD_NAMESPACE: pod.metadata.namespace ?? '',
    LAB_LIFELINE: node.lifeline,
  }
}

function readerOf(pod: Stored<Pod>, { client }: NodeContext): ReadData {
  return async (kind, name) => {
    try {
      const of = { namespace: pod.metadata.namespace, name }
      if (kind === 'ConfigMap') return (await client.get(configMaps, of)).data ?? {}
      const data = Object.entries((await client.get(secrets, of)).data ?? {})
      return Object.fromEntries(data.map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]))
    } catch (error) {
      if (isNotFound(error)) return undefined
      throw error
    }
  }
}
