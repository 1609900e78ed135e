import { setTimeout as wait } from 'node:timers/promises'
import { workerData } from 'node:worker_threads'
import { AppError } from '../../src/errors.ts'
import type { StopSign } from '../../src/threads/stop-flags.ts'
import { ownBuffers, serveThread } from '../../src/threads/thread-host.ts'
import { Turns } from '../../src/threads/turns.ts'

export interface ContractData {
  readonly start?: 'refused' | 'silent'
}

export type ContractCalls = ReturnType<typeof callsOf>
export type ContractNotices = typeof notices

/** The client of the thread. */
export interface ClientCalls {
  add(numbers: readonly [number, number]): number
}

export interface ClientNotices {
  progress(done: number): void
}

const notes: unknown[] = []
const notices = { note: (value: unknown) => notes.push(value) }
const turns = new Turns()
const never = new Promise(() => undefined)
let last: Uint8Array = new Uint8Array()

/** Calls for all that a client and its thread can do. */
function callsOf(add: (a: number, b: number) => Promise<number>) {
  return {
    async echo({ value, afterMs = 0 }: { readonly value: unknown; readonly afterMs?: number }) {
      if (afterMs > 0) await wait(afterMs)
      return value
    },
    bytes(bytes: Uint8Array) {
      last = bytes
      return bytes
    },
    /** What is left here of the last bytes. */
    lengthOfLast: () => last.byteLength,
    fail(how: 'coded' | 'system' | 'no error') {
      if (how === 'no error') throw 'a string'
      if (how === 'system') throw Object.assign(new Error('no room'), { code: 'ENOSPC' })
      const cause = Object.assign(new Error('disk full'), { code: 'SQLITE_FULL' })
      const issues = [{ path: '/k', message: 'too large' }]
      throw new AppError('INVALID_REQUEST', 'bad k', { issues, cause, retryAfterSeconds: 7 })
    },
    never: () => never,
    /** Waits until the first number of shared memory is 1, and sets the second. */
    block(gate: Int32Array) {
      Atomics.wait(gate, 0, 0)
      gate[1] = 1
    },
    die(how: 'exit' | 'throw') {
      if (how === 'exit') process.exit(7)
      setImmediate(() => {
        throw new Error('out of luck')
      })
      return never
    },
    /** Takes slices until it is stopped. */
    async slices(_: null, stop: StopSign) {
      const slices = turns.begin(stop)
      for (;;) if (slices.spend(1)) await slices.next()
    },
    /** Reads no message until it is stopped; sets the number of shared memory when it has begun. */
    loop(begun: Int32Array, stop: StopSign) {
      Atomics.store(begun, 0, 1)
      while (!stop.isSet) Atomics.wait(begun, 0, 1, 1)
      stop.check()
    },
    /** Whether it is stopped when it begins. */
    isStopped: (_: null, stop: StopSign) => stop.isSet,
    notes: () => notes,
    /** Adds by its client. */
    async sum(numbers: readonly number[]) {
      let sum = 0
      for (const number of numbers) sum = await add(sum, number)
      return sum
    },
  }
}

await serveThread<ClientCalls, ClientNotices>(async (owner) => {
  const { start } = (workerData ?? {}) as ContractData
  if (start === 'refused') throw new AppError('MODEL_INVALID', 'no good')
  if (start === 'silent') await new Promise(() => setInterval(() => undefined, 1000))
  let additions = 0
  const calls = callsOf(async (a, b) => {
    const sum = await owner.call('add', [a, b])
    owner.notify('progress', ++additions)
    return sum
  })
  return { calls, notices, ready: 'as ever', transfer: ownBuffers }
})
