import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { addFileSpec } from '../support/file-specs.ts'
import { Project } from '../support/project.ts'

test('JUnit has the verdict, the error rate and the link of each hypothesis as properties', async () => {
  let answers = 0
  const server = createServer((_, response) => {
    answers += 1
    response.writeHead(answers % 2 === 0 ? 503 : 200).end()
  }).listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as AddressInfo
  const project = new Project()
  addFileSpec(
    project,
    'a.chaos.ts',
    `import { traffic } from 'chaos-test'
     hypothesis.deviates('it holds', async () => {
       expect(await traffic({ url: 'http://127.0.0.1:${port}/', rate: '20/s' }).for('500ms')).toHaveNoErrors()
     })`,
  )
  project.write({
    'chaos.config.ts': `export default { actions: ['actions.ts'], traces: { link: { jaeger: 'http://jaeger' } } }`,
  })
  const { exitCode } = await project.run(['--reporter', 'junit', '--output-file', 'junit.xml'])
  expect(exitCode).toBe(0)
  const properties = new Map(
    [...project.read('junit.xml').matchAll(/<property name="([\w-]+)" value="([^"]*)"/g)].map(([, name, value]) => [
      name,
      value,
    ]),
  )
  const traceId = properties.get('trace')
  expect(Object.fromEntries(properties)).toMatchObject({
    trace: expect.stringMatching(/^[0-9a-f]{32}$/),
    'trace-link': expect.stringContaining(`http://jaeger/trace/${traceId}?uiFind=`),
    'error-rate': '50 % (5 of 10)',
    verdict: 'held (known weakness)',
  })
})

test('several reporters of Vitest compose with ours, each with a file of its own', async () => {
  const project = new Project()
  addFileSpec(project, 'a.chaos.ts', `hypothesis('it holds', () => {})`)
  const files = ['junit=out/report.xml', 'json=out/report.json', 'tap=out/report.tap', 'blob=out/report.blob']
  const args = [
    ...['junit', 'json', 'tap', 'blob'].flatMap((name) => ['--reporter', name]),
    ...files.flatMap((file) => ['--output-file', file]),
  ]
  const { exitCode, stdout } = await project.run(args)
  expect(exitCode).toBe(0)
  expect(stdout).toContain('✓ held  it holds')
  expect(stdout).toContain('ok 1 - it holds')
  expect(project.read('out/report.xml')).toContain('<testcase')
  expect(JSON.parse(project.read('out/report.json'))).toMatchObject({ numPassedTests: 1 })
  expect(project.list('out')).toContain('report.blob')
})

test('a file for nobody in particular is refused where there are several', async () => {
  const project = new Project()
  addFileSpec(project, 'a.chaos.ts', `hypothesis('it holds', () => {})`)
  const args = ['--reporter', 'junit', '--reporter', 'json', '--output-file', 'a.xml', '--output-file', 'json=b.json']
  const { exitCode, stderr } = await project.run(args)
  expect(exitCode).toBe(2)
  expect(stderr).toContain('[CHAOS_OUTPUT_FILE]')
})
