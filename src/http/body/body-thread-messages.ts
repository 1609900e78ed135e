import type { ErrorCode, InputIssue } from '../../errors.ts'
import type { BodyKind } from './body-readers.ts'

export interface BodyJob {
  readonly job: number
  readonly kind: BodyKind
  readonly body: Uint8Array
}

export type BodyResult =
  | { readonly job: number; readonly kind: 'read'; readonly value: unknown }
  | {
      readonly job: number
      readonly kind: 'refused'
      readonly code: ErrorCode
      readonly message: string
      readonly issues: readonly InputIssue[]
    }
  | { readonly job: number; readonly kind: 'failed'; readonly message: string }
