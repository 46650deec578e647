/** What `chaos.config.ts` imports. */

export type { ChaosConfig, LabConfig, NamedLabTarget, TargetConfig, TimeoutsConfig, TracesConfig } from './define.ts'
export { defineConfig } from './define.ts'
