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

if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== fingerprint) await build()

async function build() {
  rmSync('dist', { recursive: true, force: true })
  const compiler = 'node_modules/typescript-native/bin/tsc'
  const { status } = spawnSync(process.execPath, [compiler, '-p', 'tsconfig.build.json'], { stdio: 'inherit' })
  if (status !== 0) process.exit(status ?? 1)
  // What is no TypeScript is copied: JavaScript that is loaded into foreign processes as it stands, and JSON schemas.
  for (const file of globSync('src/**/*.{mjs,json}')) cpSync(file, `dist/${file}`)
  await bundleReportClient()
  writeFileSync(stamp, fingerprint)
}

/** What runs in the browser, with what it needs: one script and one style sheet that the report is made of. */
async function bundleReportClient() {
  const { build: bundle } = await import('vite')
  await bundle({
    configFile: false,
    logLevel: 'warn',
    publicDir: false,
    build: {
      outDir: 'dist/reporters/html/client',
      target: 'es2022',
      lib: {
        entry: 'reporters/html/client/main.ts',
        formats: ['iife'],
        name: 'report',
        fileName: () => 'report.js',
        cssFileName: 'report',
      },
      rolldownOptions: {
        output: { postBanner: '/*! With uPlot, (c) 2022 Leon Sorokin, MIT License: github.com/leeoniya/uPlot */' },
      },
    },
  })
}
