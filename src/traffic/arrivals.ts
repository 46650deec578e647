import { randomFrom } from '../support/random.ts'

/** A stretch of time in which the arrival rate goes evenly from one value to another. */
export interface RateSegment {
  fromPerSecond: number
  toPerSecond: number
  /** Infinite for the last one. */
  durationMs: number
}

export interface ArrivalPlan {
  /** One after the other; the last one has no end. */
  segments: readonly RateSegment[]
  /** Absent: evenly spaced. Otherwise a Poisson process whose rate is that of the segments, the same for the same seed. */
  poissonSeed?: number
}

/** When requests are planned: times in milliseconds since the start, one after the other. */
export interface Arrivals {
  next(): number
}

export function arrivalsOf({ segments, poissonSeed }: ArrivalPlan): Arrivals {
  const curve = new RateCurve(segments)
  return poissonSeed === undefined ? new EvenArrivals(curve) : new PoissonArrivals(curve, poissonSeed)
}

/** How many requests are planned before a time. */
export function countArrivals(plan: ArrivalPlan, untilMs: number): number {
  const arrivals = arrivalsOf(plan)
  let count = 0
  while (arrivals.next() < untilMs) count += 1
  return count
}

/** The nth request comes when the rate has brought n. */
class EvenArrivals implements Arrivals {
  readonly #curve: RateCurve
  #count = 0

  constructor(curve: RateCurve) {
    this.#curve = curve
  }

  next(): number {
    return this.#curve.timeOf(this.#count++)
  }
}

/**
 * As many users who know nothing of each other come: between one and the next, the expected number of arrivals is
 * exponentially distributed with mean 1 (time rescaling of an inhomogeneous Poisson process; Daley and Vere-Jones, An
 * Introduction to the Theory of Point Processes, 7.4).
 */
class PoissonArrivals implements Arrivals {
  readonly #curve: RateCurve
  readonly #random: () => number
  #expected = 0

  constructor(curve: RateCurve, seed: number) {
    this.#curve = curve
    this.#random = randomFrom(seed)
  }

  next(): number {
    this.#expected -= Math.log(1 - this.#random())
    return this.#curve.timeOf(this.#expected)
  }
}

/** The expected number of arrivals as a function of time, read backwards. */
class RateCurve {
  readonly #segments: readonly RateSegment[]
  #current = 0
  /** Where the current segment begins, in time and in arrivals. */
  #startMs = 0
  #startCount = 0

  constructor(segments: readonly RateSegment[]) {
    this.#segments = segments
  }

  /** When that many arrivals are expected. Numbers must come in ascending order. */
  timeOf(count: number): number {
    for (;;) {
      const segment = this.#segments[this.#current]
      if (!segment) return Number.POSITIVE_INFINITY
      const arrivals = (segment.durationMs * (segment.fromPerSecond + segment.toPerSecond)) / 2000
      if (count - this.#startCount < arrivals) return this.#startMs + timeWithin(segment, count - this.#startCount)
      this.#current += 1
      this.#startMs += segment.durationMs
      this.#startCount += arrivals
    }
  }
}

/** Solves `count = from × t + (to − from) / duration × t² / 2`, in the form that loses no digits where from ≈ to. */
function timeWithin({ fromPerSecond, toPerSecond, durationMs }: RateSegment, count: number): number {
  if (fromPerSecond === toPerSecond) return (count * 1000) / fromPerSecond
  const perSecondSquared = ((toPerSecond - fromPerSecond) * 1000) / durationMs
  return (2000 * count) / (fromPerSecond + Math.sqrt(fromPerSecond ** 2 + 2 * count * perSecondSquared))
}
