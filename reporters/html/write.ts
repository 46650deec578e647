import { readEvents } from '../../src/journal/merge.ts'
import { runPaths } from '../../src/journal/runs.ts'
import { readTraces } from '../../src/journal/traces.ts'
import { writeFileAtomically } from '../../src/support/files.ts'
import { clientAssets } from './assets.ts'
import type { ResourceSpans } from './otlp.ts'
import { renderPage } from './page.ts'
import { reportOf } from './view-model.ts'

/**
 * Writes `report.html` of a run from its events and its spans, as far as they are there: also of a run that has crashed,
 * or that still runs.
 *
 * @returns the path of the report
 */
export function writeReport(runFolder: string): string {
  const paths = runPaths(runFolder)
  const spans = readTraces(paths) as ResourceSpans[]
  writeFileAtomically(paths.report, renderPage(reportOf(readEvents(runFolder), spans), clientAssets()))
  return paths.report
}
