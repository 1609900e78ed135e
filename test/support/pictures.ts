import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** Copies pictures of examples/emoji, named by where they go. */
export function copyPictures(folder: string, pictures: Record<string, string>): void {
  for (const [path, source] of Object.entries(pictures)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    copyFileSync(join('examples/emoji', source), join(folder, path))
  }
}

/** Three pictures in two folders, one beside them, and two files that are no pictures. */
export function makePictureFolder(folder: string): void {
  copyPictures(folder, {
    'animals/fox.png': 'animal-mammal/fox_face.google.png',
    'animals/deep/fox 2.PNG': 'animal-mammal/fox_face.twitter.png',
    'fruit/cherries.png': 'food-fruit/cherries.google.png',
    'top.png': 'transport-air/rocket.google.png',
  })
  writeFileSync(join(folder, 'broken.png'), 'this is text')
  writeFileSync(join(folder, 'notes.txt'), 'not an image by its name')
}
