import { writeSync } from 'node:fs'
import { lockDataFolder } from '../../../../src/engine/embedded/store/data-folder-lock.ts'

// Holds the lock of a folder until it is killed.
lockDataFolder(process.argv[2]!)
writeSync(1, 'locked\n')
process.stdin.resume()
