import { describe, test } from 'vitest'
import { mustBe, play } from './play.ts'
import { cells, impossibleCells } from './table.ts'

// Beside each other: most of a cell is waiting for processes to start.
describe.concurrent('whatever dies, the target is put back', () => {
  test.for(cells)('$event.name × $instant', async (cell, { expect, onTestFinished }) => {
    expect(await play(cell, onTestFinished)).toEqual(mustBe(cell.expected))
  })
})

describe('cells that cannot happen', () => {
  test.skip.for(impossibleCells)('$event.name × $instant: $why', () => undefined)
})
