import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'

/** These take about ten milliseconds of one processor. */
const TURNS = 1000

/** Two processes that run a loop and share nothing. No search by two threads can gain more than they do. */
export class TwoProcesses {
  readonly #processes: readonly ChildProcess[]

  constructor() {
    const script = new URL('./loop-process.js', import.meta.url)
    this.#processes = [fork(script), fork(script)]
  }

  /** Runs all turns in one of them. */
  alone(): Promise<unknown> {
    return run(this.#processes[0]!, TURNS)
  }

  /** Runs half of the turns in each. */
  together(): Promise<unknown> {
    return Promise.all(this.#processes.map((process) => run(process, TURNS / 2)))
  }

  close(): void {
    for (const process of this.#processes) process.kill()
  }
}

async function run(process: ChildProcess, turns: number): Promise<void> {
  const done = once(process, 'message')
  process.send(turns)
  await done
}
