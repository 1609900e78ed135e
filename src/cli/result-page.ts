import type { SearchAnswer, SearchMatch } from '../collection/requests.ts'
import { labelText } from './answer-table.ts'
import { escapeHtml, htmlPage, pictureHtml } from './html-page.ts'

export interface ResultPage {
  /** As the user named it. */
  readonly image: string
  /** Data URI; null when there is nothing to show. */
  readonly picture: string | null
  readonly collection: string
  readonly answer: SearchAnswer
  /** Data URIs, one a match. */
  readonly pictures: readonly (string | null)[]
}

/** One page that needs nothing beside it. */
export function resultPage({ image, picture, collection, answer, pictures }: ResultPage): string {
  const { matches, exact, complete } = answer
  const found = matches.length === 1 ? 'one picture' : `${matches.length} pictures`
  const facts = [exact ? 'exact' : 'approximate', complete ? 'complete' : 'cut at the limit']
  return htmlPage(
    `${image} in ${collection}`,
    STYLE,
    `<header>
${pictureHtml(picture, image)}
<div>
<h1>${escapeHtml(image)}</h1>
<p>${escapeHtml(found)} of <strong>${escapeHtml(collection)}</strong>, nearest first</p>
<p class="quiet">${escapeHtml(facts.join(', '))}, in ${answer.timings.totalMs.toFixed(0)} ms</p>
</div>
</header>
<ol>
${matches.map((match, i) => matchHtml(match, i + 1, pictures[i] ?? null)).join('\n')}
</ol>`,
  )
}

function matchHtml(match: SearchMatch, rank: number, picture: string | null): string {
  const { id, distance, similarity, metadata } = match
  const label =
    metadata?.label === undefined ? '' : `<b>${escapeHtml(labelText(metadata.label))}</b>`
  const alike =
    similarity === undefined ? '' : `<dt>similarity</dt><dd>${similarity.toFixed(4)}</dd>`
  return `<li>
${pictureHtml(picture, id)}
<p><span class="rank">${rank}</span>${label}</p>
<p class="id">${escapeHtml(id)}</p>
<dl><dt>distance</dt><dd>${distance.toFixed(4)}</dd>${alike}</dl>
</li>`
}

const STYLE = `
header { display: flex; gap: 1.5rem; align-items: center; margin-bottom: 2rem }
header .picture { width: 11rem; flex: none; border: 2px solid var(--accent) }
ol { list-style: none; padding: 0; display: grid; gap: 1rem;
  grid-template-columns: repeat(auto-fill, minmax(11rem, 1fr)) }
li { background: var(--card); border: 1px solid var(--line); border-radius: .6rem; padding: .6rem }
.rank { color: var(--accent); font-weight: 700; margin-right: .5rem }
.id { color: var(--quiet); font-size: .82rem; overflow-wrap: anywhere; margin: .15rem 0 .35rem }
dl { display: grid; grid-template-columns: 1fr auto; font-size: .85rem }
dt { color: var(--quiet) }
dd { font-variant-numeric: tabular-nums; text-align: right }
@media (max-width: 34rem) { header { flex-direction: column; align-items: flex-start } }
`
