import { allEnded } from '../../../scheduling/all-ended.ts'

/**
 * Runs tasks one after the other in each of some lanes, all lanes at once. The first failure ends it, once no task is under
 * way any more.
 * @param run resolves to what is left of a task; null when it is done.
 */
export async function inLanes<Task>(
  lanes: number,
  tasks: Iterator<Task>,
  run: (lane: number, task: Task) => Promise<Task | null>,
): Promise<void> {
  let isFailed = false
  const lane = async (number: number) => {
    for (let next = tasks.next(); next.done !== true && !isFailed; next = tasks.next()) {
      let left: Task | null = next.value
      while (left !== null && !isFailed) left = await run(number, left)
    }
  }
  const all = Array.from({ length: lanes }, (_, number) =>
    lane(number).catch((error: unknown) => {
      isFailed = true
      throw error
    }),
  )
  await allEnded(all)
}
