/** What `chaos.config.ts` imports. */

export type {
  ChaosConfig,
  LabConfig,
  NamedLabTarget,
  PrometheusConfig,
  TargetConfig,
  TimeoutsConfig,
  TlsConfig,
  TracesConfig,
} from './define.ts'
export { defineConfig } from './define.ts'
