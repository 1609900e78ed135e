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
const MAX_IMAGE_BYTES = 32 * 1024 * 1024
/** Images beyond it are left out, so that the page stays one that a browser opens. */
const MAX_PAGE_BYTES = 128 * 1024 * 1024

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
  /** Data URIs, one for each match. */
  readonly matchUris: readonly (string | null)[]
}

/** Writes a page that needs nothing beside it. */
export function resultPage(page: ResultPage): string {
  const { image, imageUri, collection, asked, answer, matchUris } = page
  const { matches, exact, complete } = answer
  const found = matches.length === 1 ? 'one picture' : `${matches.length} pictures`
  const facts = [exact ? 'exact' : 'approximate', complete ? 'complete' : 'cut at the limit']
  const missing = matches.filter((_, i) => (matchUris[i] ?? null) === null).length
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
${missing === 0 ? '' : `<p class="note">${missingHtml(missing)}</p>`}
${matches.length === 0 ? `<p>${escapeHtml(nothingFound(asked, collection))}</p>` : listHtml(page)}`,
  )
}

function listHtml({ answer: { matches }, matchUris }: ResultPage): string {
  const items = matches.map((match, i) => matchHtml(match, i + 1, matchUris[i] ?? null))
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

/** Says how the pictures come on the page of a collection that has not kept them. */
function missingHtml(missing: number): string {
  const some =
    missing === 1
      ? 'One is shown without its picture'
      : `${missing} are shown without their pictures`
  return `${some}: the collection keeps none that a browser shows. <code>--folder FOLDER</code> shows those of the folder that was indexed; a collection made by <code>index --keep thumbnail</code> keeps them.`
}

function matchHtml(match: SearchMatch, rank: number, uri: string | null): string {
  const { id, distance, similarity, metadata } = match
  const text = metadata?.label === undefined ? null : labelText(metadata.label)
  const label = text === null ? '' : `<b>${escapeHtml(text)}</b>`
  const similar =
    similarity === undefined ? '' : `<dt>similarity</dt><dd>${similarity.toFixed(4)}</dd>`
  return `<li>
${imageHtml(uri, id)}
<p><span class="rank">${rank}</span>${label}</p>
<p class="id">${breakableHtml(id)}</p>
<dl><dt>${similarity === undefined ? 'Euclidean' : 'cosine'} distance</dt><dd>${distance.toFixed(4)}</dd>${similar}</dl>
</li>`
}

/** Makes a data URI of an image file, or null of one that no browser shows. */
export function fileUri(bytes: Uint8Array): string | null {
  return beginsAsImage(bytes) ? uriOf(sniffImage(bytes), bytes) : null
}

/** Makes a data URI of each match: of what the collection kept, else of the file of that id below `folder`, else null. */
export async function urisOfMatches(
  client: HttpClient,
  collection: string,
  { matches }: SearchAnswer,
  folder: string | undefined,
): Promise<readonly (string | null)[]> {
  const uris: (string | null)[] = []
  let room = MAX_PAGE_BYTES
  for (const { id } of matches) {
    const path = ['v1', 'collections', collection, 'images', id, 'content']
    const content = () => nullFor('CONTENT_NOT_FOUND', client.call({ method: 'GET', path }))
    const kept = room > 0 ? await content() : null
    const uri =
      kept === null
        ? await fileBelow(folder, id, Math.min(room, MAX_IMAGE_BYTES))
        : uriOf(kept.mediaType, kept.bytes)
    uris.push(uri !== null && uri.length <= room ? uri : null)
    room -= uri?.length ?? 0
  }
  return uris
}

/** Ids come from whoever filled the collection: one like `../x` must not lead out of the folder. */
async function fileBelow(folder: string | undefined, id: string, maxBytes: number) {
  if (folder === undefined) return null
  const path = resolve(folder, id)
  if (!isBelow(path, resolve(folder))) return null
  try {
    return fileUri(await readImageFile(await formOnDisk(path), maxBytes))
  } catch (error) {
    if (error instanceof AppError) return null
    throw error
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
