import { matchers } from 'chaos-test/matchers'
import { expect } from 'expect'

// Outside of a spec, as a user of Jest's `expect` writes it: the types are those of the package, too.

expect.extend(matchers)

expect(0.005).toBeBelow('1%')
expect(7).not.toBeBelow(5)
expect(7).toBeAtLeast(5)

const said: string[] = []
for (const assertion of [() => expect(7).toBeBelow(5), () => expect(Promise.resolve(7)).toBeBelow(8)]) {
  try {
    assertion()
  } catch (error) {
    said.push(String(error))
  }
}
process.stdout.write(JSON.stringify(said))
