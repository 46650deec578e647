/** What `chaos.config.ts` imports. */

export type {
  ChaosConfig,
  LabConfig,
  MetricsConfig,
  NamedLabTarget,
  PrometheusConfig,
  SafetyConfig,
  TargetConfig,
  TimeoutsConfig,
  TlsConfig,
  TracesConfig,
} from './define.ts'
export { defineConfig } from './define.ts'
