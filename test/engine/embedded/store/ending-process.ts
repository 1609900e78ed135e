import { writeSync } from 'node:fs'
import { lockDataFolder } from '../../../../src/engine/embedded/store/data-folder-lock.ts'
import { openRecordStore } from '../../../../src/engine/embedded/store/record-store.ts'
import { sampleRecord, sampleSpec } from '../../../support/sample-records.ts'

// Opens a data folder, stores a record where it is told to, and ends in one of several ways but the orderly one.
const [folder, how, wanted] = process.argv.slice(2)
lockDataFolder(folder!)
if (how === 'killed while it reads the log') process.kill(process.pid, 'SIGKILL')
const store = await openRecordStore({ folder: folder! })
if (wanted === 'write') {
  const { key } = await store.createCollection(sampleSpec())
  await store.put(key, sampleRecord('a'))
}
if (how === 'killed') process.kill(process.pid, 'SIGKILL')
if (how === 'exits') process.exit(3)
if (how === 'throws') throw new Error('as it was told')
writeSync(1, 'open\n')
process.stdin.resume()
