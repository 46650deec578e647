import type { NamedLabTarget } from '../config/define.ts'
import { clusterTarget, type ResolvedConfig } from '../config/load.ts'
import { isLabName, labNameRule } from '../lab/index.ts'
import { usageError } from '../support/errors.ts'

/** What the command line says of the target. */
export interface TargetFlags {
  target?: string
  context?: string
  namespace?: string
  kubeconfig?: string
  yesIn?: string[]
}

/** A target on the command line counts more than that of the config. */
export function withTarget(config: ResolvedConfig, flags: TargetFlags): ResolvedConfig {
  const { target } = targeted(config, flags)
  if (typeof target === 'string' || 'lab' in target || flags.yesIn === undefined) return { ...config, target }
  return { ...config, target: { ...target, confirmed: flags.yesIn } }
}

function targeted(config: ResolvedConfig, flags: TargetFlags): Pick<ResolvedConfig, 'target'> {
  const { context, namespace, kubeconfig } = flags
  const target = flags.target === undefined ? config.target : namedTarget(flags.target, context)
  if (context === undefined && typeof target === 'object' && 'context' in target) {
    return { target: clusterTarget({ ...target, ...given({ namespace, kubeconfig }) }, config.root) }
  }
  if (context === undefined) {
    if (namespace === undefined && kubeconfig === undefined) return { target }
    throw usageError(
      'CHAOS_TARGET_NOT_NAMED',
      '--namespace and --kubeconfig say where on a cluster, but no cluster is named: add --context NAME. Without it a run acts on no cluster but a lab.',
    )
  }
  // What the config says of this context is true of it, whoever names it.
  const known = typeof target === 'object' && 'context' in target && target.context === context ? target : {}
  return { target: clusterTarget({ ...known, context, ...given({ namespace, kubeconfig }) }, config.root) }
}

/** What `--target` names: a lab, or that there is no cluster. */
function namedTarget(text: string, context: string | undefined): 'lab' | 'none' | NamedLabTarget {
  if (context !== undefined) {
    throw usageError(
      'CHAOS_TWO_TARGETS',
      `--target ${text} and --context ${context} name two targets. A run acts on one: leave one of them out.`,
    )
  }
  if (text === 'lab' || text === 'none') return text
  const [, name = ''] = /^lab:(.*)$/.exec(text) ?? []
  if (isLabName(name)) return { lab: name }
  throw usageError(
    'CHAOS_BAD_TARGET',
    `"${text}" is not a target. Write --target lab for a lab of the run's own, --target lab:NAME for one that is up (${labNameRule}), --target none for no cluster, or --context NAME for a cluster.`,
  )
}

/** Without the keys that were not given. */
function given<T extends Record<string, string | undefined>>(values: T): { [Key in keyof T]?: string } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [Key in keyof T]?: string
  }
}
