// Builds dist/ from src/ and reporters/: an empty folder first, so that no module outlives its source.
import { spawnSync } from 'node:child_process'
import { cpSync, globSync, rmSync } from 'node:fs'

rmSync('dist', { recursive: true, force: true })
const compiler = 'node_modules/typescript/bin/tsc'
const { status } = spawnSync(process.execPath, [compiler, '-p', 'tsconfig.build.json'], { stdio: 'inherit' })
if (status !== 0) process.exit(status ?? 1)
// What is no TypeScript is copied: JavaScript that is loaded into foreign processes as it stands, and JSON schemas.
for (const file of globSync('src/**/*.{mjs,json}')) cpSync(file, `dist/${file}`)
