import chalk from 'chalk'
import { loadConfig } from '../config/load.ts'
import { collectSpecs, hypothesesOf } from '../runner/vitest.ts'

/** Lists the hypotheses of spec files. It needs no target. @returns the exit code */
export async function listCommand(filters: string[], flags: { config?: string; json?: boolean }): Promise<number> {
  const config = await loadConfig(process.cwd(), flags.config)
  const modules = await collectSpecs(config, { filters })
  const listed = modules.flatMap((module) =>
    hypothesesOf(module).map((test) => ({ file: module.relativeModuleId, title: test.fullName })),
  )
  if (flags.json) {
    console.log(JSON.stringify(listed, null, 2))
    return 0
  }
  for (const { file, title } of listed) console.log(`${chalk.dim(file)} ${title}`)
  return 0
}
