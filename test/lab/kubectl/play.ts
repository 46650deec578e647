import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { type Step, script } from './script.ts'

/** What a command came to: the lines that count, without what is another each time. */
export interface Played {
  command: string
  exitCode: number
  lines: string[]
}

export interface Stage {
  /** The path of the kubectl. */
  kubectl: string
  kubeconfig: string
  namespace: string
}

/** Plays the script with a kubectl in a namespace of its own, which is there and empty. */
export async function play(stage: Stage): Promise<Played[]> {
  const home = mkdtempSync(join(tmpdir(), 'kubectl-home-'))
  try {
    const played: Played[] = []
    for (const step of script) played.push(await take(step, stage, home))
    return played
  } finally {
    rmSync(home, { recursive: true, force: true })
  }
}

async function take(
  { words, input = '', lines = /^/ }: Step,
  { kubectl, kubeconfig, namespace }: Stage,
  home: string,
): Promise<Played> {
  const env = { ...process.env, KUBECONFIG: kubeconfig, HOME: home, KUBECTL_COMMAND_HEADERS: 'false' }
  const child = spawn(kubectl, ['--namespace', namespace, ...words], { env })
  child.stdin.on('error', () => {})
  child.stdin.end(input)
  const [stdout, stderr, [exitCode]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')])
  const printed = `${stdout}\n${stderr}`.split('\n').filter((line) => line.trim() !== '' && lines.test(line))
  return {
    command: `kubectl ${words.join(' ')}`,
    exitCode,
    lines: printed.map((line) => withoutChance(line, namespace)),
  }
}

/** A line without names, times and addresses that are others each time, and without the widths of columns. */
function withoutChance(line: string, namespace: string): string {
  return (
    line
      .replaceAll(namespace, 'NAMESPACE')
      .replace(/web-[a-z0-9]{5,10}-[a-z0-9]{5}\b/g, 'POD')
      .replace(/web-[a-z0-9]{5,10}\b/g, 'REPLICASET')
      .replace(/pod-template-hash[=:] ?"?[a-z0-9]+"?/g, 'pod-template-hash=HASH')
      .replace(/\b(\d{1,3}\.){3}\d{1,3}\b/g, 'ADDRESS')
      .replace(/\d+(m\d*)?s( |$)/g, 'AGE$2')
      // How a value is written has changed with the versions of the server.
      .replace(/Invalid value: (map\[|v1\.|\{).*: (?=`|field)/, 'Invalid value: VALUE: ')
      .replace(/ +/g, ' ')
      .trimEnd()
  )
}
