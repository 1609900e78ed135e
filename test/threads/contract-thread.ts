import { setTimeout as wait } from 'node:timers/promises'
import { workerData } from 'node:worker_threads'
import { AppError } from '../../src/errors.ts'
import { ownBuffers } from '../../src/threads/answer-call.ts'
import { serveThread } from '../../src/threads/thread-host.ts'

/** What a client and its thread can do, one call for each. */
export type ContractCalls = {
  /** Gives the value back, after so many milliseconds. */
  echo: { args: { readonly value: unknown; readonly afterMs?: number }; result: unknown }
  bytes: { args: Uint8Array; result: Uint8Array }
  /** What is left here of the last bytes. */
  lengthOfLast: { args: null; result: number }
  fail: { args: 'coded' | 'system' | 'no error'; result: undefined }
  never: { args: null; result: undefined }
  /** Waits until the first number of shared memory is 1, and sets the second. */
  block: { args: Int32Array; result: undefined }
  die: { args: 'exit' | 'throw'; result: undefined }
  notices: { args: null; result: readonly unknown[] }
  /** Adds through the client. */
  sum: { args: readonly number[]; result: number }
}

export type ContractNotices = { note: unknown }
export type ClientCalls = {
  add: { args: readonly [number, number]; result: number }
}
export type ClientNotices = { progress: number }

export interface ContractData {
  readonly start?: 'refused' | 'silent'
}

await serveThread<ContractCalls, ContractNotices, ClientCalls, ClientNotices>(async (owner) => {
  const { start } = (workerData ?? {}) as ContractData
  if (start === 'refused') throw new AppError('MODEL_INVALID', 'no good')
  if (start === 'silent') await new Promise(() => setInterval(() => undefined, 1000))
  const notes: unknown[] = []
  let last: Uint8Array = new Uint8Array()
  return {
    ready: 'as ever',
    notices: { note: (value) => notes.push(value) },
    transfer: ownBuffers,
    calls: {
      async echo({ value, afterMs = 0 }) {
        if (afterMs > 0) await wait(afterMs)
        return value
      },
      bytes(bytes) {
        last = bytes
        return bytes
      },
      lengthOfLast: () => last.byteLength,
      fail(how) {
        if (how === 'no error') throw 'a string'
        if (how === 'system') throw Object.assign(new Error('no room'), { code: 'ENOSPC' })
        const cause = Object.assign(new Error('disk full'), { code: 'SQLITE_FULL' })
        const issues = [{ path: '/k', message: 'too large' }]
        throw new AppError('INVALID_REQUEST', 'bad k', { issues, cause, retryAfterSeconds: 7 })
      },
      never: () => new Promise(() => undefined),
      block(gate) {
        Atomics.wait(gate, 0, 0)
        gate[1] = 1
      },
      die(how) {
        if (how === 'exit') process.exit(7)
        return new Promise(() => {
          setImmediate(() => {
            throw new Error('out of luck')
          })
        })
      },
      notices: () => notes,
      async sum(numbers) {
        let sum = 0
        for (const [i, number] of numbers.entries()) {
          sum = await owner.call('add', [sum, number])
          owner.notify('progress', i + 1)
        }
        return sum
      },
    },
  }
})
