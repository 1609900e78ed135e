import type { SearchAnswer, SearchMatch } from '../collection/service.ts'
import { labelText } from './answer-table.ts'

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

/** One page that needs nothing beside it: no script, no request, light and dark. */
export function resultPage({ image, picture, collection, answer, pictures }: ResultPage): string {
  const { matches, exact, complete } = answer
  const found = matches.length === 1 ? 'one picture' : `${matches.length} pictures`
  const facts = [exact ? 'exact' : 'approximate', complete ? 'complete' : 'cut at the limit']
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<title>${escapeHtml(`${image} in ${collection}`)}</title>
<style>${STYLE}</style>
</head>
<body>
<header>
${pictureHtml(picture, image)}
<div>
<h1>${escapeHtml(image)}</h1>
<p>${escapeHtml(found)} of <strong>${escapeHtml(collection)}</strong>, nearest first</p>
<p class="quiet">${escapeHtml(facts.join(', '))}, in ${answer.timings.totalMs.toFixed(0)} ms</p>
</div>
</header>
<ol>
${matches.map((match, i) => matchHtml(match, i + 1, pictures[i] ?? null)).join('\n')}
</ol>
</body>
</html>
`
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

function pictureHtml(picture: string | null, name: string): string {
  if (picture === null) return '<div class="picture none">no picture</div>'
  return `<div class="picture"><img src="${escapeHtml(picture)}" alt="${escapeHtml(name)}"></div>`
}

/** For text and for attributes in double quotes. */
function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;')
}

const STYLE = `
:root { color-scheme: light dark; --page: #f5f5f3; --card: #fff; --line: #dddcd8; --text: #1d1d1b;
  --quiet: #6b6a66; --accent: #0a6b5d }
@media (prefers-color-scheme: dark) { :root { --page: #161615; --card: #21211f; --line: #3a3936;
  --text: #ecebe7; --quiet: #a3a29c; --accent: #5fd0bd } }
* { box-sizing: border-box; margin: 0 }
body { background: var(--page); color: var(--text); font: 15px/1.45 system-ui, sans-serif;
  max-width: 76rem; margin: 0 auto; padding: 2rem 1.25rem 4rem }
header { display: flex; gap: 1.5rem; align-items: center; margin-bottom: 2rem }
header .picture { width: 11rem; flex: none; border: 2px solid var(--accent) }
h1 { font-size: 1.25rem; overflow-wrap: anywhere; margin-bottom: .4rem }
ol { list-style: none; padding: 0; display: grid; gap: 1rem;
  grid-template-columns: repeat(auto-fill, minmax(11rem, 1fr)) }
li { background: var(--card); border: 1px solid var(--line); border-radius: .6rem; padding: .6rem }
.picture { aspect-ratio: 1; border-radius: .4rem; overflow: hidden; display: grid;
  place-items: center; background: #fff; margin-bottom: .5rem }
.picture img { width: 100%; height: 100%; object-fit: contain }
.picture.none { background: var(--page); color: var(--quiet); font-size: .85rem }
.rank { color: var(--accent); font-weight: 700; margin-right: .5rem }
.id { color: var(--quiet); font-size: .82rem; overflow-wrap: anywhere; margin: .15rem 0 .35rem }
dl { display: grid; grid-template-columns: 1fr auto; font-size: .85rem }
dt { color: var(--quiet) }
dd { font-variant-numeric: tabular-nums; text-align: right }
.quiet { color: var(--quiet) }
@media (max-width: 34rem) { header { flex-direction: column; align-items: flex-start } }
`
