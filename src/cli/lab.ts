import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import chalk from 'chalk'
import { loadConfig } from '../config/load.ts'
import { startLab } from '../lab/index.ts'

/** Starts a lab and keeps it until a signal. @returns the exit code */
export async function labUpCommand(flags: { config?: string; manifests?: string[] }): Promise<number> {
  const root = process.cwd()
  const { lab: config } = await loadConfig(root, flags.config)
  const manifests = flags.manifests?.map((path) => resolve(root, path)) ?? config.manifests
  const ended = Promise.race(['SIGINT', 'SIGTERM', 'SIGHUP'].map((signal) => once(process, signal)))
  const home = mkdtempSync(join(tmpdir(), 'chaos-test-lab-'))
  console.error(chalk.dim('Starting a lab …'))
  try {
    const { images, scrapeIntervalMs } = config
    const lab = await startLab({ name: 'lab', images, manifests, scrapeIntervalMs, root, home })
    console.log(welcome(lab.info.kubeconfig, lab.info.prometheusUrl))
    await ended
    await lab.stop()
    return 0
  } finally {
    rmSync(home, { recursive: true, force: true })
  }
}

function welcome(kubeconfig: string, prometheusUrl: string): string {
  return [
    `${chalk.green('✓')} A lab is up: the Kubernetes API over plain processes, no containers.`,
    '',
    `  export KUBECONFIG=${kubeconfig}`,
    '  kubectl get deploy,rs,pods',
    '',
    `  Prometheus API   ${prometheusUrl}`,
    '  Addresses        198.18.x.y of the cluster is 127.18.x.y on this machine',
    '',
    chalk.dim('Ctrl-C ends it.'),
  ].join('\n')
}
