import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { systemClock } from './clock.ts'
import { privateFile, writeFileAtomically } from './files.ts'

/** Something that is ours alone, for as long as we live or until we release it. */
export interface Claim {
  release(): void
}

export interface ClaimOptions<Claimant> {
  /** Names the claimant: no other, at no time, has the same. */
  name: string
  /** Who claims, as data that anybody can judge. */
  claimant: Claimant
  /** Whether a claimant still stands behind its claim. */
  isAlive(claimant: Claimant): boolean
}

/** Two that ask at the same moment both step back; so often they try again before one is refused. */
const attempts = 5
const longestPauseMs = 60

/**
 * Claims what a folder stands for. A claimant first announces itself by a file of its own and looks at the others' then:
 * of two, at least one sees the other, so there are never two holders. A claim dies with its claimant, and what the dead
 * have left is cleared away by the next holder.
 *
 * @returns the claim, or the living claimant that stands in its way
 */
export async function claim<Claimant extends object>(
  folder: string,
  { name, claimant, isAlive }: ClaimOptions<Claimant>,
): Promise<{ claim: Claim } | { holder: Claimant }> {
  const path = join(folder, `${name}.json`)
  const release = () => rmSync(path, { force: true })
  for (let attempt = 1; ; attempt++) {
    writeFileAtomically(path, JSON.stringify(claimant), privateFile)
    const others = announced<Claimant>(folder).filter((other) => other.path !== path)
    const holder = others.find((other) => isAlive(other.claimant))
    if (!holder) {
      for (const dead of others) rmSync(dead.path, { force: true })
      return { claim: { release } }
    }
    release()
    if (attempt === attempts) return { holder: holder.claimant }
    await systemClock.sleep(Math.random() * longestPauseMs)
  }
}

/** All who claim what a folder stands for, the dead among them. */
export function claimants<Claimant>(folder: string): Claimant[] {
  return announced<Claimant>(folder).map(({ claimant }) => claimant)
}

interface Announcement<Claimant> {
  path: string
  claimant: Claimant
}

function announced<Claimant>(folder: string): Announcement<Claimant>[] {
  return namesIn(folder).flatMap((name) => {
    const path = join(folder, name)
    try {
      return [{ path, claimant: JSON.parse(readFileSync(path, 'utf8')) as Claimant }]
    } catch {
      // Withdrawn since the folder was read.
      return []
    }
  })
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => name.endsWith('.json'))
  } catch {
    return []
  }
}
