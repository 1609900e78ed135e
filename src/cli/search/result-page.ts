import { resolve } from 'node:path'
import { formOnDisk, isBelow, readImageFile } from '../../adapters/image-files.ts'
import { beginsAsImage } from '../../adapters/image-kind.ts'
import type { SearchAnswer, SearchMatch } from '../../collection/requests.ts'
import { DEFAULT_K } from '../../engine/query.ts'
import { AppError } from '../../errors.ts'
import { sniffImage } from '../../image/media-type.ts'
import { nullFor } from '../backend/backend.ts'
import type { HttpClient } from '../backend/http-client.ts'
import { breakableHtml, dataUri, escapeHtml, htmlPage, imageHtml } from '../report/html-page.ts'
import { labelText } from './answer-table.ts'

/** The media types that every browser shows by itself. */
const SHOWN = new Set(['image/jpeg', 'image/png', 'image/webp', 'image/avif', 'image/gif'])
const MEBIBYTE = 1024 * 1024
const MAX_IMAGE_BYTES = 32 * MEBIBYTE
/** Images beyond it are left out, so that the page stays one that a browser opens. */
const MAX_PAGE_BYTES = 128 * MEBIBYTE

/** Why a match is shown without its picture. */
type Missing = 'not kept' | 'not in the folder' | 'too large'

/** The picture of a match as a data URI, or why there is none. */
export type MatchPicture =
  | { readonly kind: 'shown'; readonly uri: string }
  | { readonly kind: 'missing'; readonly why: Missing }

/** What was asked for beside the picture; what is left out has its default. */
interface Asked {
  readonly k?: number | undefined
  readonly radius?: number | undefined
  readonly filter?: object | undefined
}

export interface ResultPage {
  /** As the user named it. */
  readonly image: string
  /** A data URI; null when there is nothing to show. */
  readonly imageUri: string | null
  readonly collection: string
  readonly asked: Asked
  readonly answer: SearchAnswer
  /** One for each match. */
  readonly matchPictures: readonly MatchPicture[]
}

/** Writes a page that needs nothing beside it. */
export function resultPage(page: ResultPage): string {
  const { image, imageUri, collection, asked, answer, matchPictures } = page
  const { matches, exact, complete } = answer
  const found = matches.length === 1 ? 'one picture' : `${matches.length} pictures`
  const facts = [exact ? 'exact' : 'approximate', complete ? 'complete' : 'cut at the limit']
  return htmlPage(
    `${image} in ${collection}`,
    STYLE,
    `<header>
${imageHtml(imageUri, image)}
<div>
<h1>${breakableHtml(image)}</h1>
<p>${escapeHtml(found)} of <strong>${escapeHtml(collection)}</strong>, nearest first</p>
<p class="quiet">asked for ${askedHtml(asked)}</p>
<p class="quiet">${escapeHtml(facts.join(', '))}, in ${answer.timings.totalMs.toFixed(0)} ms</p>
</div>
</header>
${missingHtml(matchPictures)}
${matches.length === 0 ? `<p>${escapeHtml(nothingFound(asked, collection))}</p>` : listHtml(page)}`,
  )
}

function listHtml({ answer: { matches }, matchPictures }: ResultPage): string {
  const items = matches.map((match, i) => matchHtml(match, i + 1, matchPictures[i]!))
  return `<ol>\n${items.join('\n')}\n</ol>`
}

function askedHtml({ k, radius, filter }: Asked): string {
  const within = radius === undefined ? '' : ` within ${radius}`
  const nearest = k ?? (radius === undefined ? DEFAULT_K : null)
  const many = nearest === null ? 'all' : nearest === 1 ? 'the nearest' : `the ${nearest} nearest`
  const where =
    filter === undefined ? '' : `, where <code>${escapeHtml(JSON.stringify(filter))}</code>`
  return many + within + where
}

/** Says why nothing was found, and what would find more. */
function nothingFound({ radius, filter }: Asked, collection: string): string {
  const cures = [
    ...(radius === undefined ? [] : ['a larger --radius']),
    ...(filter === undefined ? [] : ['another --filter, or none']),
  ]
  if (cures.length === 0) return `Nothing was found: there is nothing else in ${collection}.`
  return `Nothing was found. Try ${cures.join(', or ')}.`
}

const KEEP = 'A collection made by <code>index --keep thumbnail</code> keeps them.'
/** The reason of what is missing, and how it comes on the page. */
const REASONS: Readonly<Record<Missing, string>> = {
  'not kept': `the collection keeps none that a browser shows. <code>--folder FOLDER</code> shows those of the folder that was indexed. ${KEEP}`,
  'not in the folder': `neither the collection nor the folder has one that a browser shows. ${KEEP}`,
  'too large': `a page takes ${MAX_PAGE_BYTES / MEBIBYTE} MiB of pictures, and ${MAX_IMAGE_BYTES / MEBIBYTE} MiB of a file, at most. A smaller <code>-k</code> leaves room. ${KEEP}`,
}

/** Says for each reason how many pictures are missing. */
function missingHtml(pictures: readonly MatchPicture[]): string {
  const missing = pictures.flatMap((one) => (one.kind === 'missing' ? [one.why] : []))
  const notes = [...new Set(missing)].map((why) => {
    const count = missing.filter((one) => one === why).length
    const some =
      count === 1 ? 'One is shown without its picture' : `${count} are shown without their pictures`
    return `<p class="note">${some}: ${REASONS[why]}</p>`
  })
  return notes.join('\n')
}

function matchHtml(match: SearchMatch, rank: number, picture: MatchPicture): string {
  const { id, distance, similarity, metadata } = match
  const text = metadata?.label === undefined ? null : labelText(metadata.label)
  const label = text === null ? '' : `<b>${escapeHtml(text)}</b>`
  const similar =
    similarity === undefined ? '' : `<dt>similarity</dt><dd>${similarity.toFixed(4)}</dd>`
  return `<li>
${imageHtml(picture.kind === 'shown' ? picture.uri : null, id)}
<p><span class="rank">${rank}</span>${label}</p>
<p class="id">${breakableHtml(id)}</p>
<dl><dt>${similarity === undefined ? 'Euclidean' : 'cosine'} distance</dt><dd>${distance.toFixed(4)}</dd>${similar}</dl>
</li>`
}

/** Makes a data URI of an image file, or null of one that no browser shows. */
export function fileUri(bytes: Uint8Array): string | null {
  return beginsAsImage(bytes) ? uriOf(sniffImage(bytes), bytes) : null
}

/** Gives the picture of each match: what the collection kept where a browser shows that, else the file of that id below `folder`. */
export async function picturesOfMatches(
  client: HttpClient,
  collection: string,
  { matches }: SearchAnswer,
  folder: string | undefined,
): Promise<readonly MatchPicture[]> {
  const pictures: MatchPicture[] = []
  let room = MAX_PAGE_BYTES
  for (const { id } of matches) {
    const path = ['v1', 'collections', collection, 'images', id, 'content']
    const content = () => nullFor('CONTENT_NOT_FOUND', client.call({ method: 'GET', path }))
    if (room <= 0) {
      pictures.push(missing('too large'))
      continue
    }
    const kept = await content()
    const uri = kept === null ? null : uriOf(kept.mediaType, kept.bytes)
    const picture =
      uri === null ? await fileBelow(folder, id, Math.min(room, MAX_IMAGE_BYTES)) : shown(uri)
    const bytes = picture.kind === 'shown' ? picture.uri.length : 0
    pictures.push(bytes <= room ? picture : missing('too large'))
    room -= bytes
  }
  return pictures
}

function missing(why: Missing): MatchPicture {
  return { kind: 'missing', why }
}

function shown(uri: string): MatchPicture {
  return { kind: 'shown', uri }
}

/** Ids come from whoever filled the collection: one like `../x` must not lead out of the folder. */
async function fileBelow(
  folder: string | undefined,
  id: string,
  maxBytes: number,
): Promise<MatchPicture> {
  if (folder === undefined) return missing('not kept')
  const path = resolve(folder, id)
  if (!isBelow(path, resolve(folder))) return missing('not in the folder')
  try {
    const uri = fileUri(await readImageFile(await formOnDisk(path), maxBytes))
    return uri === null ? missing('not in the folder') : shown(uri)
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    return missing(error.code === 'BODY_TOO_LARGE' ? 'too large' : 'not in the folder')
  }
}

function uriOf(mediaType: string, bytes: Uint8Array): string | null {
  return SHOWN.has(mediaType) ? dataUri(mediaType, bytes) : null
}

const STYLE = `
header { display: flex; gap: 1.5rem; align-items: center; margin-bottom: 2rem }
header .picture { width: 11rem; flex: none; border: 2px solid var(--accent) }
ol { list-style: none; padding: 0; display: grid; gap: 1rem;
  grid-template-columns: repeat(auto-fill, minmax(11rem, 1fr)) }
li { background: var(--card); border: 1px solid var(--line); border-radius: .6rem; padding: .6rem }
.note { margin-bottom: 1rem }
.rank { color: var(--accent); font-weight: 700; margin-right: .5rem }
.id { color: var(--quiet); font-size: .82rem; overflow-wrap: anywhere; margin: .15rem 0 .35rem }
dl { display: grid; grid-template-columns: 1fr auto; font-size: .85rem }
dt { color: var(--quiet) }
dd { font-variant-numeric: tabular-nums; text-align: right }
@media (max-width: 34rem) { header { flex-direction: column; align-items: flex-start } }
`
