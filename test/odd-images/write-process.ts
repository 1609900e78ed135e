import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ODD_IMAGES } from './all.ts'

// Writes all odd files to a folder, for an independent decoder: node dist/test/odd-images/write-process.js FOLDER
const [folder] = process.argv.slice(2)
if (folder === undefined) throw new Error('expected a folder to write to')
mkdirSync(folder, { recursive: true })
for (const { name, make, want } of ODD_IMAGES) {
  writeFileSync(join(folder, `${want.kind}-${name}`), await make())
}
