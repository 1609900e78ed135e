import { type Column, plainText, type Table } from '../../text-table.ts'
import { escapeHtml, htmlPage, pictureHtml } from './html-page.ts'
import { lineChart } from './line-chart.ts'
import type {
  ExampleQuery,
  Examples,
  FoundPicture,
  ReportDocument,
  ReportPicture,
  Thumbnails,
} from './report-document.ts'

/** Writes a document as one file that needs nothing beside it. */
export function htmlReport(document: ReportDocument, thumbnails: Thumbnails): string {
  const { title, facts, table, notes, charts, examples } = document
  const parts = [
    `<h1>${shown(title)}</h1>`,
    ...facts.map(paragraph),
    tableHtml(table),
    ...notes.map(paragraph),
    ...charts.map((chart) => `<div class="chart">${lineChart(chart)}</div>`),
    ...(examples === null ? [] : [examplesHtml(examples, thumbnails)]),
  ]
  return htmlPage(plainText(title), STYLE, parts.join('\n'))
}

function tableHtml({ columns, rows }: Table): string {
  const cells = (tag: 'th' | 'td', row: readonly string[]) =>
    columns.map((column, i) => `<${tag}${alignment(column)}>${shown(row[i] ?? '')}</${tag}>`)
  const titles = columns.map(({ title }) => title)
  return `<div class="wide"><table>
<thead><tr>${cells('th', titles).join('')}</tr></thead>
<tbody>
${rows.map((row) => `<tr>${cells('td', row).join('')}</tr>`).join('\n')}
</tbody>
</table></div>`
}

function alignment({ align }: Column): string {
  return align === 'right' ? ' class="number"' : ''
}

function examplesHtml({ caption, queries }: Examples, thumbnails: Thumbnails): string {
  return `<h2>Pictures</h2>
${paragraph(caption)}
${queries.map((query) => queryHtml(query, thumbnails)).join('\n')}`
}

function queryHtml({ query, answers }: ExampleQuery, thumbnails: Thumbnails): string {
  const rows = answers.map(({ by, found }) => {
    const pictures = found.map((picture) => foundHtml(picture, thumbnails))
    const name = by === '' ? '' : `<p class="by">${shown(by)}</p>`
    return `${name}<ol>${pictures.join('')}</ol>`
  })
  return `<section>
<div class="asked">${figure(query, thumbnails, 'asked')}</div>
<div>${rows.join('\n')}</div>
</section>`
}

function foundHtml(picture: FoundPicture, thumbnails: Thumbnails): string {
  const verdict = picture.isRight ? 'right' : 'wrong'
  const caption = `${verdict}, ${picture.distance.toFixed(3)}`
  return `<li class="${verdict}">${figure(picture, thumbnails, caption)}</li>`
}

function figure(
  { id, label, path }: ReportPicture,
  thumbnails: Thumbnails,
  caption: string,
): string {
  const bytes = thumbnails.get(path) ?? null
  const picture =
    bytes === null ? null : `data:image/jpeg;base64,${Buffer.from(bytes).toString('base64')}`
  return `${pictureHtml(picture, plainText(id))}<p class="said">${caption}</p><p><b>${shown(label)}</b></p><p class="id">${shown(id)}</p>`
}

function paragraph(text: string): string {
  return `<p>${shown(text)}</p>`
}

function shown(text: string): string {
  return escapeHtml(plainText(text))
}

const STYLE = `
h2 { font-size: 1.1rem; margin: 2rem 0 .4rem }
body > p { margin: .3rem 0; max-width: 60rem; overflow-wrap: anywhere }
.wide { overflow-x: auto; margin: 1rem 0 }
table { border-collapse: collapse; font-variant-numeric: tabular-nums }
th, td { text-align: left; padding: .25rem .9rem .25rem 0; border-bottom: 1px solid var(--line) }
.number { text-align: right }
.chart { max-width: 44rem; margin: 1rem 0; border: 1px solid var(--line); border-radius: .4rem;
  overflow: hidden }
.chart svg { display: block }
section { display: grid; grid-template-columns: 8.5rem 1fr; gap: 1rem; padding: 1rem 0;
  border-top: 1px solid var(--line) }
section p { font-size: .8rem; overflow-wrap: anywhere }
.asked .picture { border: 2px solid var(--accent) }
ol { list-style: none; padding: 0; display: grid; gap: .6rem; margin-bottom: .6rem;
  grid-template-columns: repeat(auto-fill, minmax(6.5rem, 1fr)) }
li .picture { border: 2px solid var(--accent) }
li.wrong .picture { border-color: var(--wrong) }
li.wrong .said { color: var(--wrong) }
.id, .said, .by { color: var(--quiet) }
`
