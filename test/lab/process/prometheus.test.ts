import { request } from 'undici'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Lab, startLab } from '../../../src/lab/index.ts'
import { isPrometheusInstalled } from '../../prometheus/processes.ts'
import { eventually } from '../controllers/cluster.ts'
import { isAlive, type Project, temporaryProject } from './project.ts'

describe.skipIf(!isPrometheusInstalled && !process.env.CI)(
  'a lab with a real Prometheus (skipped where prometheus is not installed)',
  () => {
    let project: Project
    let lab: Lab | undefined

    beforeEach(() => {
      project = temporaryProject()
      lab = undefined
    })
    afterEach(async () => {
      await lab?.stop()
      project.remove()
    })

    test('has the version of that one, and takes it along, however it ends', async () => {
      lab = await startLab({ ...project.options([]), metricsBackend: 'prometheus' })
      const { body } = await request(`${lab.info.prometheusUrl}/api/v1/status/buildinfo`)
      expect(await body.json()).toMatchObject({ data: { goVersion: expect.stringMatching(/^go/) } })
      expect(project.processes().length).toBeGreaterThan(1)
      process.kill(lab.info.pid, 'SIGKILL')
      await eventually('all is gone', async () => {
        return !isAlive(lab?.info.pid ?? 0) && project.processes().length === 0
      })
    }, 30_000)
  },
)
