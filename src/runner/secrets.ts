import type { ResolvedConfig } from '../config/load.ts'
import { isSecretName } from '../journal/redact.ts'
import { type RedactionRules, secretsInEnvironment } from '../journal/redaction.ts'
import { secretsInManifests } from '../lab/index.ts'
import { secretsOf } from '../support/http-access.ts'

/**
 * All that a run knows to be secret: what the config and the environment let us in with, what Secrets of the lab's
 * manifests and its images hand to pods, and what the config's `redact` names.
 */
export function redactionRules(config: ResolvedConfig): RedactionRules {
  const { lab, prometheusAccess, traces, root, redact } = config
  const { headers = {} } = traces.exports.otlp ?? {}
  const imageVariables = Object.values(lab.images).flatMap(({ env = {} }) => Object.entries(env))
  return {
    secrets: [
      ...redact.filter((each) => typeof each === 'string'),
      ...(prometheusAccess ? secretsOf(prometheusAccess) : []),
      ...Object.values(headers),
      ...Object.values(traces.readBack?.headers ?? {}),
      ...secretsInEnvironment(process.env),
      ...secretsInManifests(lab.manifests, root),
      ...imageVariables.filter(([name]) => isSecretName(name)).map(([, value]) => value),
    ],
    patterns: redact.filter((each) => each instanceof RegExp).map(({ source, flags }) => ({ source, flags })),
  }
}
