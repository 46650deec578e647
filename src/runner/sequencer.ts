import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Spec files run in the order of their paths: a run repeats the one before it. */
export class AlphabeticalSequencer extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return files.toSorted((a, b) => a.moduleId.localeCompare(b.moduleId))
  }
}
