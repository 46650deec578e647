/** A sum that loses nothing to rounding where numbers of very different size are added (Kahan, Neumaier). */
export class KahanSum {
  #sum: number
  #compensation: number

  constructor(sum = 0, compensation = 0) {
    this.#sum = sum
    this.#compensation = compensation
  }

  add(value: number): void {
    const sum = this.#sum + value
    if (!Number.isFinite(sum)) this.#compensation = 0
    else if (Math.abs(this.#sum) >= Math.abs(value)) this.#compensation += this.#sum - sum + value
    else this.#compensation += value - sum + this.#sum
    this.#sum = sum
  }

  /** What it would be after that value, without its compensation: infinite when it overflows. */
  roughlyWith(value: number): number {
    return this.#sum + value
  }

  get value(): number {
    return this.#sum + this.#compensation
  }

  /** Its share: divided before its parts are added, as Prometheus does. */
  dividedBy(count: number): number {
    return this.#sum / count + this.#compensation / count
  }

  scaled(factor: number): KahanSum {
    return new KahanSum(this.#sum * factor, this.#compensation * factor)
  }
}

/**
 * The mean of numbers. It is their sum divided by their count as long as the sum does not overflow, and calculated step
 * by step from then on.
 */
export class Mean {
  #count = 0
  #sum = new KahanSum()
  #stepwise: KahanSum | undefined

  add(value: number): void {
    this.#count++
    const count = this.#count
    if (count === 1) {
      this.#sum = new KahanSum(value)
      return
    }
    if (!this.#stepwise) {
      if (Math.abs(this.#sum.roughlyWith(value)) !== Number.POSITIVE_INFINITY) {
        this.#sum.add(value)
        return
      }
      this.#stepwise = this.#sum.scaled(1 / (count - 1))
    }
    this.#stepwise = this.#stepwise.scaled((count - 1) / count)
    this.#stepwise.add(value / count)
  }

  get value(): number {
    return this.#stepwise ? this.#stepwise.value : this.#sum.dividedBy(this.#count)
  }
}

/**
 * The φ-quantile of numbers, interpolated between the two nearest; NaN counts as smaller than every other number.
 * It is -Inf for φ < 0 and +Inf for φ > 1.
 */
export function quantile(phi: number, numbers: Float64Array | readonly number[]): number {
  if (numbers.length === 0 || Number.isNaN(phi)) return Number.NaN
  if (phi < 0) return Number.NEGATIVE_INFINITY
  if (phi > 1) return Number.POSITIVE_INFINITY
  const sorted = sortedNanFirst(numbers)
  const rank = phi * (sorted.length - 1)
  const lower = Math.max(0, Math.floor(rank))
  const upper = Math.min(sorted.length - 1, lower + 1)
  const weight = rank - Math.floor(rank)
  return (sorted[lower] ?? Number.NaN) * (1 - weight) + (sorted[upper] ?? Number.NaN) * weight
}

export function isQuantile(phi: number): boolean {
  return phi >= 0 && phi <= 1
}

function sortedNanFirst(numbers: Float64Array | readonly number[]): Float64Array {
  // NaN comes last in the order of typed arrays.
  const sorted = Float64Array.from(numbers).sort()
  const count = sorted.findLastIndex((number) => !Number.isNaN(number)) + 1
  if (count === sorted.length) return sorted
  sorted.copyWithin(sorted.length - count, 0, count)
  return sorted.fill(Number.NaN, 0, sorted.length - count)
}

/** The larger one, as Go's `math.Max`: an infinity wins over NaN. */
export function maxOf(a: number, b: number): number {
  return a === Number.POSITIVE_INFINITY || b === Number.POSITIVE_INFINITY ? Number.POSITIVE_INFINITY : Math.max(a, b)
}

/** The smaller one, as Go's `math.Min`: an infinity wins over NaN. */
export function minOf(a: number, b: number): number {
  return a === Number.NEGATIVE_INFINITY || b === Number.NEGATIVE_INFINITY ? Number.NEGATIVE_INFINITY : Math.min(a, b)
}

/** The number without an exponent, as short as it can be. */
export function plainDecimal(value: number): string {
  if (Number.isNaN(value)) return 'NaN'
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf'
  const text = String(value)
  const parts = /^(-?)(\d)(?:\.(\d+))?e([+-]\d+)$/.exec(text)
  if (!parts) return text
  const [, sign = '', first = '', fraction = '', exponent = '0'] = parts
  const digits = first + fraction
  const point = 1 + Number(exponent)
  return point > 0 ? sign + digits.padEnd(point, '0') : `${sign}0.${'0'.repeat(-point)}${digits}`
}
