/**
 * Divides an amount among callers. Each may hold as much as is left over: one alone holds half at most, two
 * hold a third each, and there is room for whoever comes next. These are the dynamic thresholds of
 * Choudhury and Hahne (IEEE/ACM Transactions on Networking, 1998).
 */
export class FairShare {
  readonly #total: number
  readonly #heldBy = new Map<string, number>()
  #held = 0

  constructor(total: number) {
    this.#total = total
  }

  /** How much all callers hold. */
  get held(): number {
    return this.#held
  }

  /** Takes the amount where the caller's share allows it; says whether it did. */
  take(caller: string, amount: number): boolean {
    const own = (this.#heldBy.get(caller) ?? 0) + amount
    if (own > this.#total - this.#held - amount) return false
    this.#held += amount
    this.#heldBy.set(caller, own)
    return true
  }

  give(caller: string, amount: number): void {
    const own = (this.#heldBy.get(caller) ?? 0) - amount
    this.#held -= amount
    if (own > 0) this.#heldBy.set(caller, own)
    else this.#heldBy.delete(caller)
  }
}
