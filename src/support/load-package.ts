import { createRequire } from 'node:module'

/**
 * Loads a package where it is needed, in code that cannot wait for `import()`: most processes of a run never come there,
 * and each of these packages is dozens of modules.
 *
 * @example
 * const { parse } = loadPackage<typeof import('yaml')>('yaml')
 */
export const loadPackage: <Package>(name: string) => Package = createRequire(import.meta.url)
