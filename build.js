// Builds dist/ from src/ and reporters/: from nothing, so that no module outlives its source, and only when a source has
// changed, so that "npm ci", "npm test" and "npx" (which prepares the package that it runs in) build once.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cpSync, existsSync, globSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'

const stamp = 'dist/.built'
const sources = globSync(['src/**/*.*', 'reporters/**/*.*', 'tsconfig*.json', 'build.js', 'package-lock.json']).sort()
const fingerprint = createHash('sha256')
  .update(JSON.stringify(sources.map((path) => [path, statSync(path).size, statSync(path).mtimeMs])))
  .digest('hex')

if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== fingerprint) build()

function build() {
  rmSync('dist', { recursive: true, force: true })
  const compiler = 'node_modules/typescript-native/bin/tsc'
  const { status } = spawnSync(process.execPath, [compiler, '-p', 'tsconfig.build.json'], { stdio: 'inherit' })
  if (status !== 0) process.exit(status ?? 1)
  // What is no TypeScript is copied: JavaScript that is loaded into foreign processes as it stands, and JSON schemas.
  for (const file of globSync('src/**/*.{mjs,json}')) cpSync(file, `dist/${file}`)
  writeFileSync(stamp, fingerprint)
}
