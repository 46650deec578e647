import type { Trace } from '../data.ts'

const hues = 8

/** The colour (of the style sheet) of each service: our own is grey, the others differ as far as colours go. */
export class ServiceColours {
  readonly #colours = new Map<string, string>([['chaos-test', 'service-own']])

  constructor({ spans }: Trace) {
    for (const { service } of spans) {
      if (this.#colours.has(service)) continue
      this.#colours.set(service, `service-${(this.#colours.size - 1) % hues}`)
    }
  }

  of(service: string): string {
    return this.#colours.get(service) ?? 'service-own'
  }
}
