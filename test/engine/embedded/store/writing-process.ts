import { writeSync } from 'node:fs'
import { openRecordStore } from '../../../../src/engine/embedded/store/record-store.ts'
import { sampleRecord } from '../../../support/sample-records.ts'

// Writes as fast as it can until it is killed, and prints each id once it is acknowledged.
const [folder, collection, prefix] = process.argv.slice(2)
const store = await openRecordStore({ folder: folder! })
let next = 0

async function writeOn(): Promise<never> {
  for (;;) {
    const id = `${prefix}-${next++}`
    await store.put(Number(collection), sampleRecord(id))
    writeSync(1, `${id}\n`)
  }
}

await Promise.all(Array.from({ length: 32 }, writeOn))
