import { expect, test } from 'vitest'
import { Project } from '../support/project.ts'

test('Vite transforms the specs, and nothing of ours, also where the package is linked', async () => {
  const project = new Project({
    'a.chaos.ts': `
      import { expect, hypothesis, perform } from 'chaos-test'
      function ofTheSpec(): unknown { return perform }
      hypothesis('reads code', () => {
        expect(String(ofTheSpec)).toContain('__vite_ssr_import')
        expect(String(perform)).toContain('currentSession()')
        expect(String(perform)).not.toContain('__vite_ssr_import')
      })
    `,
  })
  const { exitCode, stdout } = await project.run([])
  expect(exitCode, stdout).toBe(0)
})
