// Makes examples/emoji from the packages emoji-datasource-google and emoji-datasource-twitter:
//
//   npm run build && node dist/examples/make-emoji.js
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

interface Emoji {
  readonly unified: string
  readonly image: string
  readonly short_name: string
  readonly subcategory: string
  readonly sort_order: number
  readonly has_img_google: boolean
  readonly has_img_twitter: boolean
}

// Whole subcategories whose members look alike at least a little, each with enough of them.
const SUBCATEGORIES = [
  ...['animal-bird', 'animal-bug', 'animal-mammal', 'animal-marine', 'animal-reptile'],
  ...['drink', 'food-fruit', 'food-sweet', 'food-vegetable', 'musical-instrument'],
  ...['place-building', 'plant-flower', 'sport'],
  ...['transport-air', 'transport-ground', 'transport-water'],
]
const PACKAGES = {
  google: dirname(fileURLToPath(import.meta.resolve('emoji-datasource-google/emoji.json'))),
  twitter: dirname(fileURLToPath(import.meta.resolve('emoji-datasource-twitter/emoji.json'))),
}

// Compiled, this file lies in dist/examples.
const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..')
const target = join(root, 'examples/emoji')

const listed = JSON.parse(readFileSync(join(PACKAGES.google, 'emoji.json'), 'utf8')) as Emoji[]
const chosen = listed
  .filter((emoji) => SUBCATEGORIES.includes(emoji.subcategory))
  .filter((emoji) => emoji.has_img_google && emoji.has_img_twitter)
  .sort((a, b) => a.sort_order - b.sort_order)

for (const entry of readdirSync(target, { withFileTypes: true })) {
  if (entry.isDirectory()) rmSync(join(target, entry.name), { recursive: true })
}
const rows = ['file,emoji,name,drawing']
for (const emoji of chosen) {
  mkdirSync(join(target, emoji.subcategory), { recursive: true })
  const points = emoji.unified.split('-').map((hex) => Number.parseInt(hex, 16))
  for (const [drawing, folder] of Object.entries(PACKAGES)) {
    const file = `${emoji.subcategory}/${emoji.short_name}.${drawing}.png`
    copyFileSync(join(folder, 'img', drawing, '64', emoji.image), join(target, file))
    rows.push([file, String.fromCodePoint(...points), emoji.short_name, drawing].join(','))
  }
}
writeFileSync(join(target, 'metadata.csv'), `${rows.join('\n')}\n`)
process.stdout.write(`${chosen.length} emoji in two drawings: ${target}\n`)
