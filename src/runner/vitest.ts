import { fileURLToPath } from 'node:url'
import { stripVTControlCharacters } from 'node:util'
import {
  createVitest,
  type InlineConfig,
  type Reporter,
  type TestCase,
  type TestModule,
  type Vitest,
} from 'vitest/node'
import type { ResolvedConfig } from '../config/load.ts'
import { count } from '../support/count.ts'
import { within } from '../support/deadline.ts'
import { usageError } from '../support/errors.ts'
import { chaosPool, type WorkerHost } from './pool.ts'
import { AlphabeticalSequencer } from './sequencer.ts'

/** What a person may ask of Vitest through us. */
export interface VitestRequest {
  /** Path filters, as Vitest's. */
  filters: readonly string[]
  testNamePattern?: string
  tagsFilter?: string[]
  /** Vitest's own reporters, beside ours. */
  reporters?: readonly string[]
  /** Where they write: one file for all, or one for each by its name. */
  outputFile?: string | Readonly<Record<string, string>>
}

/** A spec file, as it was collected. */
export type SpecModule = TestModule

/** Spec files end so. */
const specPattern = '**/*.chaos.{ts,mts,js,mjs}'

/**
 * Our own modules are loaded by Node, wherever they are: what is linked into a project, and not installed, Vite would
 * transform anew in each run.
 */
const ourFolder = fileURLToPath(new URL('..', import.meta.url)).replaceAll('\\', '/')
const ourModules = new RegExp(`^${ourFolder.replaceAll(/[^\w/]/g, '\\$&')}`)

/** Our own module that a worker loads: TypeScript from source, JavaScript from dist. */
function workerModule(name: string, folder = 'spec'): string {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
  return fileURLToPath(new URL(`../${folder}/${name}.${extension}`, import.meta.url))
}

/** Vitest's own tracing. Its SDK knows only the environment, so what the config says is put there. */
function vitestTracing({ traces: { vitest, exports } }: ResolvedConfig): Pick<InlineConfig, 'experimental'> {
  if (!vitest) return {}
  const { otlp, zipkinUrl } = exports
  const variables = {
    OTEL_EXPORTER_OTLP_ENDPOINT: otlp?.endpoint,
    OTEL_EXPORTER_OTLP_PROTOCOL: otlp?.protocol,
    OTEL_EXPORTER_OTLP_HEADERS: otlp?.headers && headersAsText(otlp.headers),
    OTEL_EXPORTER_ZIPKIN_ENDPOINT: zipkinUrl,
  }
  for (const [name, value] of Object.entries(variables)) if (value !== undefined) process.env[name] = value
  return { experimental: { openTelemetry: { enabled: true, sdkPath: workerModule('otel', 'tracing') } } }
}

function headersAsText(headers: Readonly<Record<string, string>>): string {
  return Object.entries(headers)
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
    .join(',')
}

interface VitestSetup {
  config: ResolvedConfig
  request: VitestRequest
  maxWorkers: number
  host: WorkerHost
  /** Reporters of Vitest, by name or as they are. */
  reporters: Array<Reporter | string>
}

/**
 * A Vitest that knows nothing of the project's own Vitest config, and whose signals are left to us.
 */
export async function openVitest({ config, request, maxWorkers, host, reporters }: VitestSetup): Promise<Vitest> {
  const signals = ['SIGINT', 'SIGTERM'] as const
  const before = signals.map((signal) => process.listeners(signal))
  const { testNamePattern, tagsFilter, outputFile } = request
  const vitest = await createVitest(
    {
      config: false,
      root: config.root,
      watch: false,
      include: [specPattern],
      passWithNoTests: false,
      pool: chaosPool(host),
      isolate: true,
      fileParallelism: maxWorkers > 1,
      maxWorkers,
      sequence: { sequencer: AlphabeticalSequencer, concurrent: false },
      // A terminal sends Ctrl-C to every process: the workers leave it to the command.
      execArgv: ['--import', 'data:text/javascript,process.on("SIGINT",()=>{})'],
      setupFiles: [workerModule('setup')],
      runner: workerModule('worker-runner'),
      // An experiment keeps its own time; the rollback at the end of a hook must not be cut.
      testTimeout: 0,
      hookTimeout: config.timeouts.hookMs,
      teardownTimeout: config.timeouts.rollbackMs,
      strictTags: false,
      server: { deps: { external: [ourModules] } },
      includeTaskLocation: true,
      ...(testNamePattern === undefined ? {} : { testNamePattern }),
      ...(tagsFilter === undefined ? {} : { tagsFilter }),
      ...(outputFile === undefined
        ? {}
        : { outputFile: typeof outputFile === 'string' ? outputFile : { ...outputFile } }),
      reporters,
      ...vitestTracing(config),
    },
    { logLevel: 'error' },
  )
  signals.forEach((signal, index) => {
    for (const listener of process.listeners(signal)) {
      if (!before[index]?.includes(listener)) process.off(signal, listener)
    }
  })
  return vitest
}

const closingLimitMs = 5000

/** After the death of a worker Vitest may wait for it for ever; by then nothing depends on it. */
export async function closeInTime(vitest: Vitest): Promise<void> {
  await within(
    closingLimitMs,
    () => new Error('Vitest did not close.'),
    () => vitest.close(),
  ).catch(() => undefined)
}

/** A host for workers that only collect: they need no target. */
const collectingHost: WorkerHost = {
  prepare: () => Promise.reject(new Error('A collecting worker runs nothing.')),
  died: async () => undefined,
  release: async () => undefined,
}

/**
 * Collects the hypotheses of all spec files without running anything.
 *
 * @throws CHAOS_NO_SPECS when no file matches, CHAOS_SPEC_BROKEN when one cannot be loaded (usage)
 */
export async function collectSpecs(config: ResolvedConfig, request: VitestRequest): Promise<TestModule[]> {
  const vitest = await openVitest({ config, request, maxWorkers: 2, host: collectingHost, reporters: [] })
  try {
    const { testModules, unhandledErrors } = await vitest.collect([...request.filters], { staticParse: false })
    if (testModules.length === 0) throw noSpecs(config, request.filters)
    const broken = testModules.filter((module) => module.errors().length > 0)
    if (broken.length > 0 || unhandledErrors.length > 0) throw brokenSpecs(broken, unhandledErrors)
    return testModules
  } finally {
    await closeInTime(vitest)
  }
}

/** The hypotheses of a spec file that a run would play. */
export function hypothesesOf(module: TestModule): TestCase[] {
  return [...module.children.allTests()].filter((test) => test.options.mode === 'run' || test.options.mode === 'only')
}

function noSpecs({ root }: ResolvedConfig, filters: readonly string[]): Error {
  const named = `Spec files are named ${specPattern}`
  if (filters.length === 0) {
    return usageError(
      'CHAOS_NO_SPECS',
      `Under ${root} there is no spec file. ${named}. "chaos-test init" writes a first one.`,
    )
  }
  return usageError(
    'CHAOS_NO_SPECS',
    `Under ${root} no spec file matches ${filters.map((filter) => `"${filter}"`).join(', ')}, and there is no such command. ${named}; the arguments are parts of their paths. "chaos-test --help" lists the commands.`,
  )
}

/** A run that plays nothing must not look like one that held. */
export function noHypotheses(files: number): Error {
  return usageError(
    'CHAOS_NO_HYPOTHESES',
    `There is nothing to play: in ${count(files, 'spec file')}, every hypothesis is skipped or does not match the pattern or the tags that were asked for. "chaos-test list" shows them.`,
  )
}

function brokenSpecs(modules: readonly TestModule[], unhandled: readonly unknown[]): Error {
  const problems = modules.map((module) => {
    const [error] = module.errors()
    const message = stripVTControlCharacters(error?.message ?? 'it could not be loaded').trim()
    return `${module.relativeModuleId}: ${message}${frameOf(error?.stacks)}`
  })
  const others = unhandled.map((error) => (error instanceof Error ? error.message : String(error)))
  return usageError(
    'CHAOS_SPEC_BROKEN',
    `A spec could not be loaded, so nothing was run. ${[...problems, ...others].join(' — ')}`,
  )
}

function frameOf(stacks: readonly { file: string; line: number; column: number }[] | undefined): string {
  const frame = stacks?.[0]
  return frame ? ` (${frame.file}:${frame.line}:${frame.column})` : ''
}
