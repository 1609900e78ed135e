import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const run = promisify(execFile)
const MILLISECONDS = 2000
/** Turns of a loop in the first-level cache, until the time is over. */
const LOOP = `
const numbers = new Float64Array(1024).fill(1.0001)
const turn = () => {
  let sum = 0
  for (let r = 0; r < 500; r++) for (let i = 0; i < 1024; i++) sum += numbers[i] * numbers[(i * 7) & 1023]
  return sum
}
for (let i = 0; i < 50; i++) turn()
const end = performance.now() + ${MILLISECONDS}
let turns = 0
for (; performance.now() < end; turns++) turn()
console.log(turns)`

/** What two processes that share nothing get done, of what one does: no search by two threads can be faster. */
export async function twoProcesses(): Promise<number> {
  const turns = async () => Number((await run(process.execPath, ['-e', LOOP])).stdout)
  const alone = await turns()
  const [one, other] = await Promise.all([turns(), turns()])
  return (one! + other!) / alone
}
