import { readFileSync } from 'node:fs'
import { registerHooks } from 'node:module'

const modulesOfProject = /^file:(?!.*\/node_modules\/).*\.[jt]s$/
const moduleSyntax = /^\s*(import|export)\b(?!\s*\()/m

/**
 * Imports a module of the project, as Vitest reads it: a file that has `import` or `export` is an ES module, whatever the
 * `type` in its package.json is.
 */
export async function importModule(url: string): Promise<Record<string, unknown>> {
  const hooks = registerHooks({
    load(url, context, nextLoad) {
      const isEsModule = context.format?.startsWith('module') || !isWrittenAsEsModule(url)
      return nextLoad(
        url,
        isEsModule ? context : { ...context, format: url.endsWith('.ts') ? 'module-typescript' : 'module' },
      )
    },
  })
  try {
    return await import(url)
  } finally {
    hooks.deregister()
  }
}

function isWrittenAsEsModule(url: string): boolean {
  return modulesOfProject.test(url) && moduleSyntax.test(readFileSync(new URL(url), 'utf8'))
}
