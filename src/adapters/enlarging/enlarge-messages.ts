import type { enlarge } from '../../image/enlarge.ts'

export interface EnlargeJob {
  readonly job: number
  readonly parameters: Parameters<typeof enlarge>
}

export interface EnlargeResult {
  readonly job: number
  readonly pixels: Uint8Array<ArrayBuffer>
}
