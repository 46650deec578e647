import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import type { Played } from './play.ts'

function pathOf(version: string): string {
  return new URL(`../golden/kubectl-${version}-real-cluster-1.20.2.json`, import.meta.url).pathname
}

/** What the script came to on a real cluster, with a kubectl of that version. */
export function recordingOf(version: string): Played[] {
  return existsSync(pathOf(version)) ? JSON.parse(readFileSync(pathOf(version), 'utf8')) : []
}

export function record(version: string, played: readonly Played[]): void {
  writeFileSync(pathOf(version), `${JSON.stringify(played, null, 2)}\n`)
}
