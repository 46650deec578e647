import type { RunnerTask, RunnerTaskResult, RunnerTestFile, Vitest } from 'vitest/node'

/**
 * Tells Vitest's own reporters that what had not ended in a dead worker has failed: by itself Vitest shows it as neither
 * failed nor passed, and JUnit's reporter as green.
 *
 * It goes through a part of Vitest that is not public; where that is missing, the reporters show what Vitest knows.
 */
export async function failUnfinished(vitest: Vitest, moduleId: string, reason: string): Promise<void> {
  const { _testRun: testRun } = vitest as unknown as VitestInternals
  if (typeof testRun?.updated !== 'function') return
  const results: TaskResult[] = []
  const events: TaskEvent[] = []
  const fail = (task: RunnerTask): void => {
    if (task.type === 'suite') task.tasks.forEach(fail)
    if (task.type === 'test' && !isUnfinished(task)) return
    const tells = task.type === 'test' || isEmpty(task)
    const errors = tells ? { errors: [{ name: 'WorkerDied', message: reason }] } : {}
    results.push([task.id, { ...task.result, state: 'fail', ...errors }, task.meta])
    events.push([task.id, task.type === 'test' ? 'test-finished' : 'suite-finished', undefined])
  }
  for (const file of vitest.state.getFiles([moduleId])) fail(file)
  await testRun.updated(results, events)
}

type TaskResult = [id: string, result: RunnerTaskResult, meta: RunnerTask['meta']]
type TaskEvent = [id: string, event: 'test-finished' | 'suite-finished', data: undefined]

interface VitestInternals {
  _testRun?: { updated?: (results: TaskResult[], events: TaskEvent[]) => Promise<void> }
}

function isUnfinished({ mode, result }: RunnerTask): boolean {
  const isPlayed = mode === 'run' || mode === 'only' || mode === 'queued'
  return isPlayed && (result === undefined || result.state === 'run' || result.state === 'queued')
}

/** A file whose worker died before it was collected: there is no test that could tell. */
function isEmpty(task: RunnerTask | RunnerTestFile): boolean {
  return task.type === 'suite' && task.tasks.length === 0
}
