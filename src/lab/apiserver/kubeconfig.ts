import { readFileSync } from 'node:fs'
import { privateFile, writeFileAtomically } from '../../support/files.ts'
import { loadPackage } from '../../support/load-package.ts'
import type { ApiAccess } from '../client/access.ts'

/** What cluster, user and context of the file are called. */
const kubeconfigName = 'lab'

const yaml = () => loadPackage<typeof import('yaml')>('yaml')

/** The text of a kubeconfig whose only, and current, context is the lab. */
export function kubeconfigFor({ server, token, ca }: ApiAccess): string {
  return yaml().stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      { name: kubeconfigName, cluster: { server, 'certificate-authority-data': Buffer.from(ca).toString('base64') } },
    ],
    users: [{ name: kubeconfigName, user: { token } }],
    contexts: [
      { name: kubeconfigName, context: { cluster: kubeconfigName, user: kubeconfigName, namespace: 'default' } },
    ],
    'current-context': kubeconfigName,
  })
}

/** Writes a kubeconfig that only its owner can read. */
export function writeKubeconfig(path: string, access: ApiAccess): void {
  writeFileAtomically(path, kubeconfigFor(access), privateFile)
}

/** The part of a kubeconfig of ours that says where the lab is and who may speak to it. */
interface LabKubeconfig {
  clusters: [{ cluster: { server: string; 'certificate-authority-data': string } }]
  users: [{ user: { token: string } }]
}

/** Reads a kubeconfig that `writeKubeconfig` wrote. */
export function readKubeconfig(path: string): ApiAccess {
  const { clusters, users }: LabKubeconfig = yaml().parse(readFileSync(path, 'utf8'))
  const [{ cluster }] = clusters
  const [{ user }] = users
  const ca = Buffer.from(cluster['certificate-authority-data'], 'base64').toString('utf8')
  return { server: cluster.server, token: user.token, ca }
}
