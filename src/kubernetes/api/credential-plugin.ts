import { execFile } from 'node:child_process'
import type { RequestOptions } from 'node:https'
import type { Cluster, KubeConfig, User } from '@kubernetes/client-node'
import { systemClock } from '../../support/clock.ts'
import { ChaosError } from '../../support/errors.ts'

/** A plugin that says nothing for longer waits for a person who is not there. */
const timeoutMs = 30_000
/** A credential that expires on its way is as good as none. */
const earlyMs = 5000

type Authenticator = Parameters<KubeConfig['addAuthenticator']>[0]

/** How a user of a kubeconfig gets credentials by a command: `exec`. */
interface Plugin {
  command: string
  args?: string[]
  env?: Array<{ name: string; value: string }>
  apiVersion?: string
  installHint?: string
  provideClusterInfo?: boolean
  interactiveMode?: string
}

/** An `ExecCredential`, as the command prints it. */
interface Credential {
  token?: string
  clientCertificateData?: string
  clientKeyData?: string
  expirationTimestamp?: string
}

/**
 * The credentials that a command gives (`exec` in a kubeconfig), as `aws eks get-token` or `gke-gcloud-auth-plugin`:
 * asked for once, and again when they expire or the API server refuses them.
 */
export class CredentialPlugin implements Authenticator {
  readonly #cluster: Cluster | null
  readonly #user: User
  readonly #plugin: Plugin
  #asked: Promise<Credential> | undefined

  private constructor(cluster: Cluster | null, user: User, plugin: Plugin) {
    this.#cluster = cluster
    this.#user = user
    this.#plugin = plugin
  }

  /** Takes the place of the client library's own plugins for the user of the current context, where that has one. */
  static install(kubeconfig: KubeConfig): CredentialPlugin | undefined {
    const user = kubeconfig.getCurrentUser()
    if (!user?.exec?.command) return undefined
    const { exec, ...rest } = user
    const plugin = new CredentialPlugin(kubeconfig.getCurrentCluster(), user, exec)
    const replaced = { ...rest, authProvider: { name: 'chaos-test credential plugin', config: {} } }
    kubeconfig.users = kubeconfig.users.map((each) => (each.name === user.name ? replaced : each))
    kubeconfig.addAuthenticator(plugin)
    return plugin
  }

  isAuthProvider({ name }: User): boolean {
    return name === this.#user.name
  }

  /** @throws CHAOS_CREDENTIAL_PLUGIN */
  async applyAuthentication(_user: User, options: RequestOptions): Promise<void> {
    const { token, clientCertificateData, clientKeyData } = await this.#credential()
    if (token !== undefined) options.headers = { ...options.headers, Authorization: `Bearer ${token}` }
    if (clientCertificateData !== undefined) options.cert = clientCertificateData
    if (clientKeyData !== undefined) options.key = clientKeyData
  }

  /** The API server refuses what the plugin gave: it is asked again. */
  forget(): void {
    this.#asked = undefined
  }

  async #credential(): Promise<Credential> {
    const known = await this.#current()
    if (!isExpired(known)) return known
    this.forget()
    return await this.#current()
  }

  #current(): Promise<Credential> {
    this.#asked ??= this.#ask().catch((error: unknown) => {
      this.forget()
      throw error
    })
    return this.#asked
  }

  async #ask(): Promise<Credential> {
    const { command, args = [] } = this.#plugin
    if (this.#plugin.interactiveMode === 'Always') throw this.#error('it wants to talk to a person, and none is there')
    const printed = await new Promise<string>((resolve, reject) => {
      const child = execFile(command, args, { env: this.#env(), timeout: timeoutMs }, (error, stdout, stderr) => {
        if (error) reject(this.#error(stderr.trim() || error.message))
        else resolve(stdout)
      })
      child.stdin?.end()
    })
    return this.#read(printed)
  }

  #env(): NodeJS.ProcessEnv {
    const { env = [], apiVersion = defaultVersion, provideClusterInfo } = this.#plugin
    const { server, caData, skipTLSVerify, tlsServerName, proxyUrl } = this.#cluster ?? {}
    const cluster = {
      server,
      'certificate-authority-data': caData,
      'insecure-skip-tls-verify': skipTLSVerify,
      'tls-server-name': tlsServerName,
      'proxy-url': proxyUrl,
    }
    const spec = { interactive: false, ...(provideClusterInfo ? { cluster } : {}) }
    return {
      ...process.env,
      KUBERNETES_EXEC_INFO: JSON.stringify({ apiVersion, kind: 'ExecCredential', spec }),
      ...Object.fromEntries(env.map(({ name, value }) => [name, value])),
    }
  }

  #read(printed: string): Credential {
    let status: Credential | undefined
    try {
      status = (JSON.parse(printed) as { status?: Credential }).status
    } catch {
      throw this.#error('what it printed is no JSON')
    }
    if (status?.token || (status?.clientCertificateData && status.clientKeyData)) return status
    throw this.#error('it printed neither a token nor a client certificate with its key')
  }

  #error(found: string): ChaosError {
    const { command, installHint } = this.#plugin
    const hint = installHint === undefined ? '' : ` ${installHint.trim()}`
    return new ChaosError(
      'CHAOS_CREDENTIAL_PLUGIN',
      `The command "${command}", which gives the credentials of user "${this.#user.name}" of the kubeconfig, failed: ${found}. Run it by hand; it may need you to log in.${hint}`,
    )
  }
}

const defaultVersion = 'client.authentication.k8s.io/v1'

function isExpired({ expirationTimestamp }: Credential): boolean {
  return expirationTimestamp !== undefined && Date.parse(expirationTimestamp) - earlyMs <= systemClock.now()
}
