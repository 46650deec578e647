import { stringify } from 'yaml'
import { privateFile, writeFileAtomically } from '../../support/files.ts'
import type { ApiAccess } from '../client/access.ts'

/** What cluster, user and context of the file are called. */
const NAME = 'lab'

/** The text of a kubeconfig whose only, and current, context is the lab. */
export function kubeconfigFor({ server, token, ca }: ApiAccess): string {
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: NAME, cluster: { server, 'certificate-authority-data': Buffer.from(ca).toString('base64') } }],
    users: [{ name: NAME, user: { token } }],
    contexts: [{ name: NAME, context: { cluster: NAME, user: NAME, namespace: 'default' } }],
    'current-context': NAME,
  })
}

/** Writes a kubeconfig that only its owner can read. */
export function writeKubeconfig(path: string, access: ApiAccess): void {
  writeFileAtomically(path, kubeconfigFor(access), privateFile)
}
