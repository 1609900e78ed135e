import { readFileSync } from 'node:fs'
import type { EnlargingKernels } from '../../image/enlarge.ts'

let kernels: EnlargingKernels | null = null

/** Binds the kernels that enlarge pictures, the first time in each thread. */
export function enlargingKernels(): EnlargingKernels {
  if (kernels !== null) return kernels
  const file = new URL('../../kernels/enlarging.wasm', import.meta.url)
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(readFileSync(file)), {})
  kernels = exports as unknown as EnlargingKernels
  return kernels
}
