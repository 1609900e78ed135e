import { writeSync } from 'node:fs'
import { lockDataFolder } from '../../../src/adapters/sqlite/data-folder-lock.ts'

// Holds the lock of a folder until it is killed.
lockDataFolder(process.argv[2]!)
writeSync(1, 'locked\n')
process.stdin.resume()
