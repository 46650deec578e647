// Builds dist/ from src/ and reporters/: from nothing, so that no module outlives its source, and only when a source has
// changed, so that "npm ci", "npm test" and "npx" (which prepares the package that it runs in) build once.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cpSync, existsSync, globSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { relative } from 'node:path'
import { isDeepStrictEqual } from 'node:util'

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
  publishSchema()
  await bundleLab()
  await bundleReportClient()
  writeFileSync(stamp, fingerprint)
}

/** One schema for both kinds of journal, that of a run and that of a hypothesis, without a reference to another file. */
function publishSchema() {
  const [experiment, run] = ['experiment', 'run'].map((name) =>
    JSON.parse(readFileSync(`src/journal/schema/${name}.schema.json`, 'utf8')),
  )
  for (const [name, definition] of Object.entries(run.definitions)) {
    if (!isDeepStrictEqual(definition, experiment.definitions[name] ?? definition)) {
      throw new Error(`The schemas of the journals define "${name}" differently.`)
    }
  }
  const { $schema, $id: _experimentId, definitions, ...experimentJournal } = experiment
  const { $schema: _, $id: _runId, definitions: more, ...runJournal } = run
  const schema = {
    $schema,
    $id: 'urn:chaos-test:journal:1',
    title: 'A journal of chaos-test, version 1: of a run, or of one hypothesis',
    if: { required: ['chaoslib-version'] },
    // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
    then: { $ref: '#/definitions/experimentJournal' },
    else: { $ref: '#/definitions/runJournal' },
    definitions: { ...definitions, ...more, experimentJournal, runJournal },
  }
  writeFileSync('dist/journal.schema.json', JSON.stringify(schema, null, 2))
}

/**
 * The lab's program in one file, and readable: a lab starts for each spec file, and Node.js needs longer to find some 270
 * modules than to run them. What stands beside a module is found where it would be without this.
 */
async function bundleLab() {
  const { build: bundle } = await import('vite')
  const ownUrl = {
    name: 'own-url',
    transform(code, id) {
      const path = `./${relative('src/lab', id).replace(/\.ts$/, '.js')}`
      return code.replaceAll('import.meta.url', `new URL(${JSON.stringify(path)}, import.meta.url).href`)
    },
  }
  await bundle({
    configFile: false,
    logLevel: 'warn',
    publicDir: false,
    plugins: [ownUrl],
    build: { ssr: 'src/lab/main.ts', outDir: 'dist/src/lab', emptyOutDir: false, target: 'node22', minify: false },
  })
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
