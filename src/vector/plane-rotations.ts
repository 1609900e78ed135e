/** Rotations that wait: enough of them that columns are fetched and put back rarely. */
const ROOM = 32_768
const LANES = 4

/**
 * Rotations of neighbouring rows of a square matrix, put off and then done four columns at a time:
 * four columns stay in the nearest cache through all of them, where whole rows would not. Each
 * number goes through the same operations in the same order as if every rotation were done at once.
 */
export class PlaneRotations {
  readonly #matrix: Float64Array
  readonly #size: number
  readonly #cosines: Float64Array
  readonly #sines: Float64Array
  #count = 0
  /** Of each sweep, which goes from a row down to lower numbers. */
  readonly #sweeps: { readonly row: number; readonly count: number }[] = []

  /** @param matrix `size * size` numbers, which `apply` changes. */
  constructor(matrix: Float64Array, size: number) {
    this.#matrix = matrix
    this.#size = size
    const room = Math.max(ROOM, size)
    this.#cosines = new Float64Array(room)
    this.#sines = new Float64Array(room)
  }

  /** `count` rotations follow: of `row` - 1 with `row`, then of the rows before these, and so on. */
  startSweep(row: number, count: number): void {
    if (this.#count + count > this.#cosines.length) this.apply()
    this.#sweeps.push({ row, count })
  }

  /** Of neighbouring rows x and y, in this order: they become c x - s y and s x + c y. */
  add(cosine: number, sine: number): void {
    this.#cosines[this.#count] = cosine
    this.#sines[this.#count] = sine
    this.#count++
  }

  /** Does all rotations that wait. */
  apply(): void {
    const size = this.#size
    const lanes = new Float64Array(size * LANES)
    for (let column = 0; column < size; column += LANES) {
      const width = Math.min(LANES, size - column)
      for (let row = 0; row < size; row++) {
        for (let lane = 0; lane < width; lane++) {
          lanes[row * LANES + lane] = this.#matrix[row * size + column + lane]!
        }
      }
      this.#rotate(lanes)
      for (let row = 0; row < size; row++) {
        for (let lane = 0; lane < width; lane++) {
          this.#matrix[row * size + column + lane] = lanes[row * LANES + lane]!
        }
      }
    }
    this.#count = 0
    this.#sweeps.length = 0
  }

  #rotate(lanes: Float64Array): void {
    const [cosines, sines] = [this.#cosines, this.#sines]
    let at = 0
    for (const { row, count } of this.#sweeps) {
      let to = row * LANES
      let y0 = lanes[to]!
      let y1 = lanes[to + 1]!
      let y2 = lanes[to + 2]!
      let y3 = lanes[to + 3]!
      for (const end = at + count; at < end; at++, to -= LANES) {
        const c = cosines[at]!
        const s = sines[at]!
        const x0 = lanes[to - 4]!
        const x1 = lanes[to - 3]!
        const x2 = lanes[to - 2]!
        const x3 = lanes[to - 1]!
        lanes[to] = s * x0 + c * y0
        lanes[to + 1] = s * x1 + c * y1
        lanes[to + 2] = s * x2 + c * y2
        lanes[to + 3] = s * x3 + c * y3
        y0 = c * x0 - s * y0
        y1 = c * x1 - s * y1
        y2 = c * x2 - s * y2
        y3 = c * x3 - s * y3
      }
      lanes[to] = y0
      lanes[to + 1] = y1
      lanes[to + 2] = y2
      lanes[to + 3] = y3
    }
  }
}
