/** The exports of assembly/codes.ts, bound to one memory. All numbers are addresses or counts. */
export interface CodeKernel {
  readonly memory: WebAssembly.Memory
  prefixBounds(
    query: number,
    block: number,
    capacity: number,
    first: number,
    count: number,
    out: number,
  ): void
  prefixBounds4(
    queries: number,
    block: number,
    capacity: number,
    first: number,
    count: number,
    out: number,
  ): void
  fullBounds(
    query: number,
    facts: number,
    block: number,
    capacity: number,
    bytes: number,
    listed: number,
    count: number,
    bound: number,
    inner: number,
    past: number,
    found: number,
  ): number
}

export function bindCodeKernel(module: WebAssembly.Module, memory: WebAssembly.Memory): CodeKernel {
  const { exports } = new WebAssembly.Instance(module, { env: { memory } })
  const { prefixBounds, prefixBounds4, fullBounds } = exports as unknown as CodeKernel
  return { memory, prefixBounds, prefixBounds4, fullBounds }
}
