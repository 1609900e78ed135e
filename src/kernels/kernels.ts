/**
 * The functions of assembly/, bound to one memory. Their numbers are addresses and counts, but for the bounds, which
 * are squared distances; `floats` is the padded length of a row. What finds rows returns how many it has written.
 */
export interface Kernels {
  readonly memory: WebAssembly.Memory
  scan(
    query: number,
    rows: number,
    count: number,
    floats: number,
    bound: number,
    found: number,
  ): number
  /** Listed rows are numbers of steps of `stride` floats from `rows`; with bit 31 set where they are within `inner`. */
  scanListed(
    query: number,
    rows: number,
    listed: number,
    count: number,
    stride: number,
    floats: number,
    bound: number,
    inner: number,
    found: number,
  ): number
  /** Writes float64 numbers at `out`, up to three past the last. */
  canonical(
    query: number,
    rows: number,
    listed: number,
    count: number,
    stride: number,
    dimensions: number,
    out: number,
  ): void
  prefixBounds(
    query: number,
    block: number,
    capacity: number,
    first: number,
    count: number,
    out: number,
  ): void
  /** The same for four queries. */
  prefixBounds4: Kernels['prefixBounds']
  /** Writes a pair of a row and a query as the number of the row in the block times 4, plus that of the query. */
  prefixPairs4(
    queries: number,
    block: number,
    capacity: number,
    first: number,
    count: number,
    bound: number,
    found: number,
  ): number
  fullPairs4(
    queries: number,
    block: number,
    bytes: number,
    first: number,
    count: number,
    bound: number,
    found: number,
  ): number
  /** Lower bounds of one query, and behind them upper ones. */
  prefixBetween: Kernels['prefixBounds']
  fullBounds(
    query: number,
    facts: number,
    bytes: number,
    listed: number,
    count: number,
    bound: number,
    inner: number,
    past: number,
    found: number,
  ): number
  /** Writes the places of rows that may be within; those that are count as 65,536 each. */
  fullWithin(
    query: number,
    facts: number,
    bytes: number,
    listed: number,
    count: number,
    bound: number,
    inner: number,
    found: number,
  ): number
  project(basis: number, bytes: number, rank: number, vector: number, coordinates: number): void
  /** Returns the squared norm of what is left of the vector. */
  takeAway(basis: number, bytes: number, rank: number, vector: number, coordinates: number): number
}

/** Binds the compiled kernels to a memory; synchronous, since the module is a few kB. */
export function bindKernels(module: WebAssembly.Module, memory: WebAssembly.Memory): Kernels {
  const { exports } = new WebAssembly.Instance(module, { env: { memory } })
  return { ...(exports as unknown as Kernels), memory }
}

/** Rounding unit of float32. */
const U = 2 ** -24
/** The largest float32 that is finite. */
const LARGEST = (2 - 2 ** -23) * 2 ** 127

/** A float32 not below a number that is not negative, and next to it or nearly so. */
export function roundedUp(value: number): number {
  const rounded = Math.fround(value)
  return rounded >= value ? rounded : Math.fround(value * (1 + 2 * U) + 2 ** -149)
}

/** Gives a float32 not above a number that is not negative, and next to it or nearly so; below 0 where there is none. */
export function roundedDown(value: number): number {
  const rounded = Math.min(Math.fround(value), value === Number.POSITIVE_INFINITY ? value : LARGEST)
  return rounded <= value ? rounded : Math.fround(value * (1 - 2 * U) - 2 ** -149)
}

/**
 * Gives the float32 bound to give a kernel so that no row with canonical squared distance <= `squared`
 * is dropped (docs/exactness.md, section 2).
 *
 * The kernel's sum is at most (1 + gamma) times the true one plus d * 2^-149 where products
 * underflow; gamma covers the roundings of the subtraction (which the square doubles), the product
 * and the summation. Twice gamma also covers the float64 roundings of the canonical sum. Where the
 * kernel may overflow although the true sum does not pass the bound, everything passes.
 */
export function kernelBound(squared: number, dimensions: number): number {
  if (squared < 0) return -1
  const gamma = gammaOf(dimensions)
  const outward = squared * (1 + 2 * gamma) + dimensions * 2 ** -148
  return outward < 3.4e38 ? roundedUp(outward) : Number.POSITIVE_INFINITY
}

/**
 * Gives the float32 up to which a kernel's distance is that of a row whose true squared distance is at most `squared`
 * (docs/exactness.md, section 2); -1 for none.
 */
export function kernelWithin(squared: number, dimensions: number): number {
  const inward = squared * (1 - 2 * gammaOf(dimensions)) - dimensions * 2 ** -148
  return inward < 0 ? -1 : roundedDown(Math.min(inward, 3.4e38))
}

function gammaOf(dimensions: number): number {
  return (Math.ceil(dimensions / 16) + 16) * U
}
