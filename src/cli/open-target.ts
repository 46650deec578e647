import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ClusterTarget, ResolvedConfig } from '../config/load.ts'
import { type LabInfo, startLab } from '../lab/index.ts'
import { runningLab } from '../runner/named-lab.ts'
import { noCluster } from '../runner/no-cluster.ts'
import type { HttpAccess } from '../support/http-access.ts'
import type { TargetReference } from '../undo/types.ts'

/** A target to look at, without a run. */
export interface OpenTarget {
  reference: TargetReference
  prometheusUrl?: string
  prometheusAccess?: HttpAccess
  /** Ends what was started for it. */
  close(): Promise<void>
}

/** The target of a config: a cluster, a lab that is up, one that is started with the manifests of the config, or none. */
export async function openTarget(config: ResolvedConfig): Promise<OpenTarget> {
  const { target, root, lab } = config
  if (target === 'lab') {
    const home = mkdtempSync(join(tmpdir(), 'chaos-test-lab-'))
    const removeHome = () => rmSync(home, { recursive: true, force: true })
    const { atATime: _, ...settings } = lab
    const started = await startLab({ ...settings, name: 'lab', root, home }).catch((error: unknown) => {
      removeHome()
      throw error
    })
    return { ...viewOf(started.info), close: () => started.stop().finally(removeHome) }
  }
  if (typeof target === 'object' && 'lab' in target)
    return { ...viewOf(runningLab(root, target.lab).info), close: async () => undefined }
  const { prometheusUrl, prometheusAccess } = config
  return {
    reference: target === 'none' ? noCluster : clusterReference(target),
    ...(prometheusUrl === undefined ? {} : { prometheusUrl }),
    ...(prometheusAccess === undefined ? {} : { prometheusAccess }),
    close: async () => undefined,
  }
}

function clusterReference({ context, namespace, kubeconfig }: ClusterTarget): TargetReference {
  return { kind: 'kubernetes', name: context, context, namespace, kubeconfig }
}

function viewOf({ name, kubeconfig, prometheusUrl }: LabInfo): Pick<OpenTarget, 'reference' | 'prometheusUrl'> {
  return { reference: { kind: 'lab', name, context: 'lab', namespace: 'default', kubeconfig }, prometheusUrl }
}
