import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { drawIndices, seededRandom } from '../../src/vector/random.ts'

interface Emoji {
  readonly image: string
  readonly category: string
  readonly subcategory: string
  readonly has_img_google: boolean
  readonly has_img_twitter: boolean
}

const CATEGORIES = ['Animals & Nature', 'Food & Drink', 'Travel & Places', 'Activities', 'Objects']
const LEAST_EMOJI = 8

/**
 * Lists the emoji of things in two drawings: classes are their subcategories. A seed draws half of them to train on,
 * in Google's drawings; the others test, in Twitter's.
 */
export function emojiClasses() {
  const folders = { google: packageFolder('google'), twitter: packageFolder('twitter') }
  const listed = JSON.parse(readFileSync(join(folders.google, 'emoji.json'), 'utf8')) as Emoji[]
  const things = listed.filter(
    (one) => CATEGORIES.includes(one.category) && one.has_img_google && one.has_img_twitter,
  )
  const sizes = new Map<string, number>()
  for (const { subcategory } of things) sizes.set(subcategory, (sizes.get(subcategory) ?? 0) + 1)
  const kept = things.filter(({ subcategory }) => sizes.get(subcategory)! >= LEAST_EMOJI)
  const classes = [...new Set(kept.map(({ subcategory }) => subcategory))]
  const images = kept.flatMap(({ image, subcategory: label }) =>
    Object.entries(folders).map(([drawing, folder]) => {
      return { drawing, label, path: join(folder, 'img', drawing, '64', image) }
    }),
  )
  return {
    images,
    /** Gives the part of each image; null for one that is left out. */
    partsOf(seed: number): ('train' | 'test' | null)[] {
      const drawn = drawIndices(classes.length, classes.length >> 1, seededRandom(seed))
      const trained = new Set(drawn.map((index) => classes[index]!))
      return images.map(({ label, drawing }) => {
        if (trained.has(label)) return drawing === 'google' ? 'train' : null
        return drawing === 'twitter' ? 'test' : null
      })
    },
  }
}

function packageFolder(drawing: string): string {
  const name = `emoji-datasource-${drawing}/emoji.json`
  return dirname(fileURLToPath(import.meta.resolve(name)))
}
