import { join } from 'node:path'
import { stringify } from 'yaml'
import { PRIVATE_FILE, writeFileAtomically } from '../support/files.ts'
import type { ApiAccess } from './client/access.ts'

/** Writes the kubeconfig of a lab into its home, readable by its owner only. Returns its path. */
export function writeKubeconfig(home: string, { server, ca, token }: ApiAccess): string {
  const path = join(home, 'kubeconfig')
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'lab',
    contexts: [{ name: 'lab', context: { cluster: 'lab', user: 'lab', namespace: 'default' } }],
    clusters: [{ name: 'lab', cluster: { server, 'certificate-authority-data': base64(ca) } }],
    users: [{ name: 'lab', user: { token } }],
  }
  writeFileAtomically(path, stringify(config, { lineWidth: 0 }), PRIVATE_FILE)
  return path
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64')
}
