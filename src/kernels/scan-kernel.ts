/** The exports of assembly/scan.ts, bound to one memory. Addresses and counts are in its terms. */
export interface ScanKernel {
  readonly memory: WebAssembly.Memory
  /** @returns how many row numbers were written at `found`. `floats` is the padded row length. */
  scan(
    query: number,
    rows: number,
    count: number,
    floats: number,
    bound: number,
    found: number,
  ): number
  scanListed(
    query: number,
    rows: number,
    listed: number,
    count: number,
    floats: number,
    bound: number,
    found: number,
  ): number
  /** Writes float64 numbers at `out`, up to three past the last. */
  canonical(
    query: number,
    rows: number,
    listed: number,
    count: number,
    floats: number,
    dimensions: number,
    out: number,
  ): void
}

/** Binds the compiled kernels to a memory; synchronous, since the module is a few kB. */
export function bindScanKernel(module: WebAssembly.Module, memory: WebAssembly.Memory): ScanKernel {
  const { exports } = new WebAssembly.Instance(module, { env: { memory } })
  const { scan, scanListed, canonical } = exports as unknown as Omit<ScanKernel, 'memory'>
  return { memory, scan, scanListed, canonical }
}

/** Rounding unit of float32. */
const U = 2 ** -24

/**
 * The float32 bound to give a kernel so that no row with canonical squared distance <= `squared`
 * is dropped (docs/exactness.md, section 2).
 *
 * The kernel's sum is at most (1 + gamma) times the true one plus d * 2^-149 where products
 * underflow; gamma covers the roundings of the subtraction (which the square doubles), the product
 * and the summation. Twice gamma also covers the float64 roundings of the canonical sum. Where the
 * kernel may overflow although the true sum does not pass the bound, everything passes.
 */
export function kernelBound(squared: number, dimensions: number): number {
  if (squared < 0) return -1
  const gamma = (Math.ceil(dimensions / 16) + 16) * U
  const outward = squared * (1 + 2 * gamma) + dimensions * 2 ** -148
  if (!(outward < 3.4e38)) return Number.POSITIVE_INFINITY
  const rounded = Math.fround(outward)
  return rounded >= outward ? rounded : Math.fround(rounded * (1 + 2 * U) + 2 ** -149)
}
