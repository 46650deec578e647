import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs'

/**
 * Writes a run's section of a summary: the file may hold others, of the same step, and is written again as the run goes
 * on.
 */
export function writeSection(path: string, run: string, text: string): void {
  const [begin, end] = [`<!-- chaos-test ${run} -->`, `<!-- end of chaos-test ${run} -->`]
  const section = `${begin}\n${text}\n${end}\n`
  const present = existsSync(path) ? readFileSync(path, 'utf8') : ''
  const from = present.indexOf(begin)
  const to = present.indexOf(end, from)
  if (from < 0 || to < 0) appendFileSync(path, `${present === '' || present.endsWith('\n') ? '' : '\n'}${section}`)
  else writeFileSync(path, present.slice(0, from) + section + present.slice(to + end.length + 1))
}
