import { describe, test, vi } from 'vitest'
import { mustBe, play } from './play.ts'
import { type Cell, cells, cellsInDepth, impossibleCells } from './table.ts'
import { type CellTarget, fileBesideLab, fileTarget, labTarget } from './targets.ts'

// Each plays whole runs: a machine that is busy with others needs its time.
vi.setConfig({ testTimeout: 240_000 })

// All cells, or those that a quick look needs: each event at one instant. CI plays all on the file.
const isFull = process.env.MATRIX === 'full'
const onFile = isFull || process.env.CI ? cells : cells.filter(({ instant }) => instant === 'in the action')
const onLab = isFull ? cells : cellsInDepth

// Beside each other: much of a cell is waiting for processes to start.
describe.concurrent('whatever dies, a file is put back', () => {
  playAll(onFile, ({ instant }) => (isFull || instant === 'in the action' ? fileBesideLab : fileTarget))
})

describe.concurrent('whatever dies, a lab is put back', () => {
  playAll(onLab, () => labTarget)
})

describe('cells that cannot happen', () => {
  test.skip.for(impossibleCells)('$event.name × $instant: $why', () => undefined)
})

function playAll(played: readonly Cell[], targetOf: (cell: Cell) => CellTarget): void {
  test.for(played)('$event.name × $instant', async (cell, { expect, onTestFinished }) => {
    expect(await play(cell, targetOf(cell), onTestFinished)).toEqual(mustBe(cell.expected))
  })
}
