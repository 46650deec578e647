import { expect, test } from 'vitest'
import { experimentJournal } from '../../src/journal/experiment.ts'
import { stateOf } from '../../src/journal/reduce.ts'
import { hypothesesOf } from '../../src/journal/state.ts'
import { flawsOf } from './schemas.ts'
import { playHeld, Script } from './script.ts'

function journalOfAHypothesis() {
  const script = new Script().start()
  playHeld(script.file('a.chaos.ts'), 'h1', 'it holds')
  const state = stateOf(script.end('held', 0).events)
  const [hypothesis] = hypothesesOf(state)
  if (!hypothesis) throw new Error('There is no hypothesis.')
  return experimentJournal(state, hypothesis)
}

test('the published schema takes a journal of a hypothesis, and nothing that lacks a part of it', () => {
  const journal = journalOfAHypothesis()
  expect(flawsOf('journal', journal)).toEqual([])
  const { 'chaos-test': _ours, ...torn } = journal
  expect(flawsOf('journal', torn)).toContainEqual(expect.stringContaining("required property 'chaos-test'"))
})

test('it takes no journal of a run for one of a hypothesis', () => {
  expect(flawsOf('journal', { run: 'r' })).toContainEqual(expect.stringContaining("required property 'experiments'"))
})
