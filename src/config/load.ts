import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { ImageCatalogue, MetricsBackend } from '../lab/index.ts'
import { defaultSafety, type SafetySettings } from '../safety/index.ts'
import { messageOf, usageError } from '../support/errors.ts'
import type { HttpAccess } from '../support/http-access.ts'
import { importModule } from '../support/import-module.ts'
import { toFraction, toMilliseconds } from '../support/quantities.ts'
import type { ChaosConfig, MetricsConfig, NamedLabTarget, SafetyConfig, TargetConfig } from './define.ts'
import { resolvePrometheus } from './prometheus.ts'
import { type ResolvedTraces, resolveTraces } from './traces.ts'

/** A config with every default filled in, in the units that the code works with. */
export interface ResolvedConfig {
  /** The project's root: the folder that paths in the config are relative to. */
  root: string
  /** The config file; absent when there is none. */
  path?: string
  target: 'lab' | 'none' | NamedLabTarget | ClusterTarget
  safety: SafetySettings
  lab: LabSettings
  prometheusUrl?: string
  /** How that Prometheus lets us in. */
  prometheusAccess?: HttpAccess
  /** Where the users' counts of a run are served. */
  metrics?: { port: number; host: string; lingerMs: number }
  traces: ResolvedTraces
  /** What must not be shown: texts, and what the patterns match. */
  redact: readonly (string | RegExp)[]
  timeouts: { hypothesisMs: number; hookMs: number; rollbackMs: number }
  /** The paths of the modules that export undo kinds of the project's own. */
  actions: string[]
}

/** What every lab of a run is started with, and how many at a time. */
export interface LabSettings {
  images: ImageCatalogue
  manifests: string[]
  scrapeIntervalMs: number
  metricsBackend: MetricsBackend
  nodes: number
  nodeGraceMs?: number
  podsEvictedAfterSeconds?: number
  atATime: number
}

export interface ClusterTarget {
  context: string
  namespace: string
  kubeconfig: string
  /** The environment that it belongs to, as the config says. */
  environment?: string
  /** The environments that this run may act in, as its command line says. */
  confirmed?: readonly string[]
}

/** The context of a pod's own service account. */
const inCluster = 'in-cluster'

const configNames = ['chaos.config.ts', 'chaos.config.mts', 'chaos.config.js', 'chaos.config.mjs']

/**
 * Reads the config of a project.
 *
 * @param explicit the path of the config file; absent: `chaos.config.ts` of the root, or none
 * @throws CHAOS_CONFIG_NOT_FOUND, CHAOS_CONFIG_BROKEN, CHAOS_CONFIG_INVALID (usage)
 */
export async function loadConfig(root: string, explicit?: string): Promise<ResolvedConfig> {
  const path = explicit ? resolve(root, explicit) : configNames.map((name) => join(root, name)).find(existsSync)
  if (explicit && path && !existsSync(path)) {
    throw usageError(
      'CHAOS_CONFIG_NOT_FOUND',
      `There is no config file ${path}. Name an existing one with --config, or leave the option out.`,
    )
  }
  const config = path ? await readConfig(path) : {}
  return { ...resolveConfig(config, root), ...(path ? { path } : {}) }
}

async function readConfig(path: string): Promise<ChaosConfig> {
  let exported: { default?: unknown }
  try {
    exported = await importModule(pathToFileURL(path).href)
  } catch (error) {
    throw usageError('CHAOS_CONFIG_BROKEN', `The config ${path} could not be loaded: ${messageOf(error)}`, {
      cause: error,
    })
  }
  const config = exported.default
  const { problemsOf } = await import('./schema.ts')
  const problems = config === undefined ? ['it has no default export'] : problemsOf(config)
  if (problems.length > 0) {
    throw usageError(
      'CHAOS_CONFIG_INVALID',
      `The config ${path} is not valid: ${problems.join('; ')}. Its settings are those of ChaosConfig in 'chaos-test/config'.`,
    )
  }
  return config as ChaosConfig
}

function resolveConfig(config: ChaosConfig, root: string): ResolvedConfig {
  const { lab = {}, timeouts = {}, safety = {}, target = 'lab' } = config
  return {
    root,
    target: typeof target === 'string' || 'lab' in target ? target : clusterTarget(target, root),
    safety: safetySettings(safety),
    lab: {
      images: lab.images ?? {},
      manifests: (lab.manifests ?? []).map((path) => resolve(root, path)),
      scrapeIntervalMs: toMilliseconds(lab.scrapeInterval ?? '200ms'),
      metricsBackend: lab.metrics?.backend ?? 'embedded',
      nodes: lab.nodes ?? 1,
      ...(lab.nodeLostAfter ? { nodeGraceMs: toMilliseconds(lab.nodeLostAfter) } : {}),
      ...(lab.podsEvictedAfter
        ? { podsEvictedAfterSeconds: Math.ceil(toMilliseconds(lab.podsEvictedAfter) / 1000) }
        : {}),
      atATime: lab.atATime ?? 4,
    },
    ...resolvePrometheus(config.prometheus, root),
    ...(config.metrics ? { metrics: metricsOf(config.metrics) } : {}),
    traces: resolveTraces(config.traces ?? {}),
    redact: (config.redact ?? []).filter((each) => each !== undefined),
    actions: (config.actions ?? []).map((path) => resolve(root, path)),
    timeouts: {
      hypothesisMs: toMilliseconds(timeouts.hypothesis ?? '5m'),
      hookMs: toMilliseconds(timeouts.hook ?? '2m'),
      rollbackMs: toMilliseconds(timeouts.rollback ?? '5m'),
    },
  }
}

function safetySettings({ namespaces, protectedNamespaces, maxPods, maxNodes }: SafetyConfig): SafetySettings {
  return {
    ...defaultSafety,
    ...(namespaces === undefined ? {} : { namespaces }),
    ...(protectedNamespaces === undefined ? {} : { protectedNamespaces }),
    ...(maxPods === undefined ? {} : { maxPods: toFraction(maxPods) }),
    ...(maxNodes === undefined ? {} : { maxNodes: toFraction(maxNodes) }),
  }
}

function metricsOf({ port, host = '127.0.0.1', linger = '5s' }: MetricsConfig) {
  return { port, host, lingerMs: toMilliseconds(linger) }
}

/** A cluster target with its defaults: the kubeconfig that kubectl would take, but never its current context. */
export function clusterTarget(target: TargetConfig, root: string): ClusterTarget {
  const { context, namespace = 'default', environment } = target
  return {
    ...{ context, namespace, kubeconfig: kubeconfigPaths(target, root) },
    ...(environment === undefined ? {} : { environment }),
  }
}

/** KUBECONFIG may name several files. What a pod is given is no file: it goes by the name of its context. */
function kubeconfigPaths({ context, kubeconfig = process.env.KUBECONFIG }: TargetConfig, root: string): string {
  if (!kubeconfig && context === inCluster) return inCluster
  const paths = kubeconfig || join(homedir(), '.kube', 'config')
  return paths
    .split(delimiter)
    .filter((path) => path !== '')
    .map((path) => resolve(root, path))
    .join(delimiter)
}
