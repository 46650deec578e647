import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** What runs in the browser, as the build made it of `client/`. */
export interface ClientAssets {
  script: string
  style: string
}

let loaded: ClientAssets | undefined

/** @throws when the project was not built */
export function clientAssets(): ClientAssets {
  loaded ??= { script: read('report.js'), style: read('report.css') }
  return loaded
}

/** From source, what was built is in `dist`. */
function read(name: string): string {
  const here = import.meta.dirname
  const folders = [join(here, 'client'), join(here, '../../dist/reporters/html/client')]
  const folder = folders.find((each) => existsSync(join(each, name))) ?? here
  return readFileSync(join(folder, name), 'utf8').trim()
}
