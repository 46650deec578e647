import type { ImageCatalogue } from './images.ts'

export interface LabOptions {
  /** How people call it. */
  name: string
  /** What images mean on this machine. */
  images: ImageCatalogue
  /** The working directory of the pods' processes: the project's root. */
  root: string
  /** A private folder for its kubeconfig and its pods' logs. */
  home: string
  /** Files or folders of YAML manifests, applied (services first) and awaited before the lab is ready. */
  manifests?: readonly string[]
  /** How often pods are scraped, in milliseconds (200). */
  scrapeIntervalMs?: number
}

/** A running lab, as data. */
export interface LabInfo {
  name: string
  pid: number
  slot: number
  /** The path of its kubeconfig (mode 0600), whose only context is `lab`. */
  kubeconfig: string
  /** The base URL of its Prometheus HTTP API. */
  prometheusUrl: string
  /** The base URL of its OTLP/HTTP receiver. */
  otlpUrl: string
}

export interface Lab {
  info: LabInfo
  /** Ends it and every process of it. */
  stop(): Promise<void>
}
