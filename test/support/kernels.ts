import { readFileSync } from 'node:fs'

/** The compiled kernels, as main.ts loads them. */
export const SCAN_MODULE = new WebAssembly.Module(
  readFileSync(new URL('../../src/kernels/kernels.wasm', import.meta.url)),
)
