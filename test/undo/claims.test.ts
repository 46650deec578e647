import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import { expect, onTestFinished, test } from 'vitest'
import { claim } from '../../src/support/claims.ts'

interface Claimant {
  name: string
  alive: boolean
}

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'claims-'))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  return path
}

function claimAs(path: string, name: string, alive = true) {
  return claim<Claimant>(path, { name, claimant: { name, alive }, isAlive: (other) => other.alive })
}

test('one has it, the next is told who, and has it when it was released', async () => {
  const path = folder()
  const first = await claimAs(path, 'first')
  expect(await claimAs(path, 'second')).toEqual({ holder: { name: 'first', alive: true } })
  if ('claim' in first) first.claim.release()
  expect(await claimAs(path, 'second')).toHaveProperty('claim')
})

test('the claim of the dead is nobody’s, and is cleared away', async () => {
  const path = folder()
  await claimAs(path, 'dead', false)
  expect(await claimAs(path, 'living')).toHaveProperty('claim')
  expect(readdirSync(path)).toEqual(['living.json'])
})

test('of processes that ask at the same moment, never two have it', async () => {
  const path = folder()
  await claimAs(path, 'dead', false)
  const startAt = Date.now() + 2000
  const program = `
    import { claim } from ${JSON.stringify(resolve('src/support/claims.ts'))}
    const name = String(process.pid)
    while (Date.now() < ${startAt});
    const result = await claim(${JSON.stringify(path)}, { name, claimant: { alive: true }, isAlive: ({ alive }) => alive })
    process.stdout.write('claim' in result ? 'has it' : 'refused')
  `
  const answers = await Promise.all(
    Array.from({ length: 4 }, async () => {
      const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      const [answer] = await Promise.all([text(child.stdout), once(child, 'exit')])
      return answer
    }),
  )
  expect(answers.filter((answer) => answer === 'has it').length).toBeLessThanOrEqual(1)
  expect(answers.every((answer) => answer === 'has it' || answer === 'refused')).toBe(true)
})
