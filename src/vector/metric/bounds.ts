import type { Slack } from './metric.ts'

/**
 * The bounds that the triangle inequality puts on computed distances, with room for their rounding and for
 * that of the bound itself. docs/metric-trees.md has the argument. Without slack the distances are
 * whole numbers, and the bounds exact.
 */
export class TriangleBounds {
  readonly #relative: number
  readonly #absolute: number

  constructor(slack: Slack) {
    const none = slack.relative === 0 && slack.absolute === 0
    this.#relative = none ? 0 : 4 * slack.relative + 2 ** -49
    this.#absolute = 8 * slack.absolute
  }

  /** D(q, o) is not below this where D(q, p) = a and D(p, o) = b. May be negative. */
  apart(a: number, b: number): number {
    return Math.abs(a - b) - (this.#relative * (a + b) + this.#absolute)
  }

  /**
   * D(q, o) is not below this where D(q, p) = a and low <= D(p, o) <= high. Still true when, for
   * a > high, a is only a lower bound of D(q, p).
   */
  ring(a: number, low: number, high: number): number {
    if (a < low) return this.apart(a, low)
    return a > high ? this.apart(a, high) : 0
  }

  /**
   * D(q, o) is not below this where D(q, p) = a, and for some p' with D(q, p') = b it is known that
   * D(p, o) <= D(p', o), and D(p, o) <= radius. May be negative.
   */
  hyperplane(a: number, b: number, radius: number): number {
    return (a - b) / 2 - (this.#relative * (a + b + radius) + this.#absolute)
  }

  /** D(q, o) is not above this where D(q, p) <= a and D(p, o) <= b. */
  joined(a: number, b: number): number {
    return a + b + (this.#relative * (a + b) + this.#absolute)
  }
}
