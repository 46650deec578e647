/** What a run may act on: rules without I/O, checked at the target and at the door of every action. */

export type { Hit } from './blast-radius.ts'
export { checkBlastRadius } from './blast-radius.ts'
export type { EnvironmentClaim } from './environment.ts'
export { checkEnvironment, environmentLabel } from './environment.ts'
export { checkNamespace } from './namespaces.ts'
export type { SafetyRules, SafetySettings } from './rules.ts'
export { defaultSafety, rulesOn } from './rules.ts'
