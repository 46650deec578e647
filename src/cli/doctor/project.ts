import { platform, release } from 'node:os'
import { relative } from 'node:path'
import type { ResolvedConfig } from '../../config/load.ts'
import { findOrphans } from '../../guardian/orphans.ts'
import { hypothesesOf, type SpecModule } from '../../runner/vitest.ts'
import { count } from '../../support/count.ts'
import { ChaosError } from '../../support/errors.ts'
import { owedActions } from '../../undo/recovery.ts'
import { type Check, check, note, ok } from './check.ts'

/** What is to be known of the project itself, without a target. */
export async function projectChecks(config: ResolvedConfig, specs: Promise<readonly SpecModule[]>): Promise<Check[]> {
  const { root, path } = config
  return [
    await check('machine', () => ok(`Node.js ${process.version} on ${platform()} ${release()}`)),
    await check('config', () =>
      path === undefined ? note('none: every setting has its default') : ok(relative(root, path)),
    ),
    await check('specs', async () => {
      const files = await specs
      const hypotheses = files.flatMap(hypothesesOf).length
      return ok(`${count(hypotheses, 'hypothesis', 'hypotheses')} in ${count(files.length, 'file')}`)
    }),
    await check('owed', () => {
      const owed = findOrphans(root).flatMap(({ folder }) => owedActions(folder))
      if (owed.length === 0) return ok('nothing: every run before was brought to its end')
      throw new ChaosError(
        'CHAOS_STILL_OWED',
        `A run that has died still owes: ${owed.map(({ title, target }) => `${title} on ${target}`).join('; ')}. "chaos-test recover" undoes it.`,
        { verdict: 'not-restored' },
      )
    }),
  ]
}
