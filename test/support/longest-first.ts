import { BaseSequencer, type TestSequencerConstructor, type TestSpecification } from 'vitest/node'

/**
 * Runs what takes longest first, so that the others fill the time beside it and nothing long is left at the end.
 *
 * @param paths parts of paths: the files of the first come first
 */
export function longestFirst(...paths: string[]): TestSequencerConstructor {
  const rankOf = ({ moduleId }: TestSpecification) => {
    const rank = paths.findIndex((path) => moduleId.includes(path))
    return rank < 0 ? paths.length : rank
  }
  return class extends BaseSequencer {
    override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
      return (await super.sort(files)).toSorted((a, b) => rankOf(a) - rankOf(b))
    }
  }
}
