import { readdirSync } from 'node:fs'

// `npm run bench -- NAME …`: runs bench/NAME.ts and prints what it measures, one `name value unit` a line.

const names = process.argv.slice(2)
const known = readdirSync(import.meta.dirname)
  .filter((name) => name.endsWith('.ts') && name !== 'main.ts')
  .map((name) => name.slice(0, -3))
const unknown = names.filter((name) => !known.includes(name))
if (names.length === 0 || unknown.length > 0) {
  console.error(`There is: ${known.join(', ')}. As in: npm run bench -- ${known[0]}`)
  process.exit(2)
}
for (const name of names) {
  const { measure }: { measure(): AsyncIterable<Figure> } = await import(`./${name}.ts`)
  for await (const { name, value, unit } of measure()) console.log(`${name} ${Number(value.toPrecision(3))} ${unit}`)
}
process.exit(0)

interface Figure {
  name: string
  value: number
  unit: string
}
