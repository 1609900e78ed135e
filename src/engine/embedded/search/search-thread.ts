import { parentPort, workerData } from 'node:worker_threads'
import type { CodedRows } from '../../../index/scan/cascade/coded-rows.ts'
import { type ResumableScan, ResumableSearches } from '../../../index/scan/resumable-searches.ts'
import { RowSearch } from '../../../index/scan/row-search.ts'
import type { RowsView } from '../../../kernels/vector-rows.ts'
import { rowReader } from '../row-files/read-row.ts'
import type { FromThread, SearchTask, ThreadData, ToThread } from './protocol.ts'

const FORGET_EVERY_MS = 30_000
const { module, thread } = workerData as ThreadData
const port = parentPort!
const resumable = new ResumableSearches<ResumableScan>(() => performance.now())
const search = new RowSearch(module, thread, rowReader(), resumable)
// So that they do not wait for a search to be forgotten.
setInterval(() => resumable.forgetOld(), FORGET_EVERY_MS).unref()

let rows: RowsView | null = null
let codes: CodedRows | null = null

function run(number: number, { space, queries, range, part }: SearchTask): void {
  let reply: FromThread
  try {
    reply = { number, answers: search.search(rows!, codes, space, queries, range, part) }
  } catch (error) {
    const failure = error instanceof Error ? (error.stack ?? error.message) : String(error)
    reply = { number, failure }
  }
  const moved = 'answers' in reply ? reply.answers.flatMap((a) => [a.rows, a.distances]) : []
  port.postMessage(reply, moved.map(({ buffer }) => buffer) as ArrayBuffer[])
}

port.on('message', (message: ToThread) => {
  switch (message.kind) {
    case 'segment':
      return search.addSegment(message.memory)
    case 'rows':
      rows = message.rows
      return
    case 'codes':
      codes = message.codes
      return
    case 'task':
      return run(message.number, message.task)
  }
})
