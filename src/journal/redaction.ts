import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { privateFile, writeFileAtomically } from '../support/files.ts'
import { isSecretName, type RedactOptions } from './redact.ts'
import { runPaths } from './runs.ts'

/** What must not become public in a run, as data: it crosses process boundaries. Secret as a whole. */
export interface RedactionRules {
  readonly secrets: readonly string[]
  readonly patterns: readonly PatternData[]
}

/** A regular expression. */
export interface PatternData {
  readonly source: string
  readonly flags: string
}

const noRules: RedactionRules = { secrets: [], patterns: [] }

/** The rules in the form that `redact` takes. */
export function redactionBy({ secrets, patterns }: RedactionRules): RedactOptions {
  return { secrets: [...new Set(secrets.flatMap(formsOf))], patterns: patterns.map(compiled) }
}

function compiled({ source, flags }: PatternData): RegExp {
  return new RegExp(source, flags.includes('g') ? flags : `${flags}g`)
}

/** A secret as it may turn up: as it is, in a URL, in a Secret of Kubernetes. */
function formsOf(secret: string): string[] {
  return [secret, encodeURIComponent(secret), Buffer.from(secret).toString('base64')]
}

const shortestInEnvironment = 8

/** The values of environment variables that are secret by their names: what a CI hands over. Paths are none. */
export function secretsInEnvironment(env: Readonly<Record<string, string | undefined>>): string[] {
  return Object.entries(env).flatMap(([name, value = '']) => {
    const isSecret = isSecretName(name) && value.length >= shortestInEnvironment && !value.startsWith('/')
    return isSecret ? [value] : []
  })
}

/** For whoever ends the run in the place of its command. It lies beside the logs, which are private, too. */
export function keepRules(runFolder: string, rules: RedactionRules): void {
  writeFileAtomically(pathOf(runFolder), JSON.stringify(rules), privateFile)
}

/** None where there are none any more: then all that is public has been written. */
export function readRules(runFolder: string): RedactionRules {
  const path = pathOf(runFolder)
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : noRules
}

/** The run has ended, and nothing will be read from its logs again. */
export function forgetRules(runFolder: string): void {
  rmSync(pathOf(runFolder), { force: true })
}

function pathOf(runFolder: string): string {
  return join(runPaths(runFolder).logs, 'redaction.json')
}
