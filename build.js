// Builds dist/ from src/ and reporters/: an empty folder first, so that no module outlives its source.
import { spawnSync } from 'node:child_process'
import { cpSync, globSync, rmSync } from 'node:fs'

rmSync('dist', { recursive: true, force: true })
const compiler = 'node_modules/typescript/bin/tsc'
const { status } = spawnSync(process.execPath, [compiler, '-p', 'tsconfig.build.json'], { stdio: 'inherit' })
if (status !== 0) process.exit(status ?? 1)
// What is JavaScript already (loaded into foreign processes, so it must run as it stands) is copied.
for (const file of globSync('src/**/*.mjs')) cpSync(file, `dist/${file}`)
