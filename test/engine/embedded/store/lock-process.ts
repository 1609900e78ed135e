import { writeSync } from 'node:fs'
import { lockDataFolder } from '../../../../src/engine/embedded/store/data-folder-lock.ts'
import { openRecordStore } from '../../../../src/engine/embedded/store/record-store.ts'

// Holds the lock of a folder until it is killed, and with `open` its database too.
lockDataFolder(process.argv[2]!)
if (process.argv[3] === 'open') await openRecordStore({ folder: process.argv[2]! })
writeSync(1, 'locked\n')
process.stdin.resume()
