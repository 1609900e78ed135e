/** The searches under way, of all collections that share the threads. */
export class SearchLoad {
  #underWay = 0
  /** Searches that have ever begun: shows whether any did meanwhile. */
  #begun = 0
  #aheadMicros = 0

  get underWay(): number {
    return this.#underWay
  }

  /** Predicted microseconds of the exact searches under way, one after the other. */
  get aheadMicros(): number {
    return this.#aheadMicros
  }

  /**
   * Counts a search until what it returns is called; that returns whether no other was under way meanwhile.
   * @param exactMicros predicted; 0 for one that search threads have no part in.
   */
  begin(exactMicros: number): () => boolean {
    const alone = this.#underWay === 0
    const number = ++this.#begun
    this.#underWay++
    this.#aheadMicros += exactMicros
    return () => {
      this.#underWay--
      // Sums of floats drift.
      this.#aheadMicros = this.#underWay === 0 ? 0 : this.#aheadMicros - exactMicros
      return alone && this.#begun === number
    }
  }
}
