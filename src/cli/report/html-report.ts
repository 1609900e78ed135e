import type { Table } from '../../text-table.ts'
import { breakableHtml, dataUri, escapeHtml, htmlPage, imageHtml } from './html-page.ts'
import { lineChart } from './line-chart.ts'
import type { Examples, ReportDocument, ReportImage, Thumbnails } from './report-document.ts'

/** Writes a document as one file that needs nothing beside it. */
export function htmlReport(document: ReportDocument, thumbnails: Thumbnails): string {
  const { title, facts, table, notes, charts, examples } = document
  const parts = [
    `<h1>${escapeHtml(title)}</h1>`,
    ...facts.map(paragraph),
    tableHtml(table),
    ...notes.map(paragraph),
    ...charts.map((chart) => `<div class="chart">${lineChart(chart)}</div>`),
    ...(examples === null ? [] : [examplesHtml(examples, thumbnails)]),
  ]
  return htmlPage(title, STYLE, parts.join('\n'))
}

function tableHtml({ columns, rows }: Table): string {
  const cells = (tag: 'th' | 'td', row: readonly string[]) => {
    const opened = columns.map(({ align }) => (align === 'right' ? `${tag} class="number"` : tag))
    return opened.map((open, i) => `<${open}>${escapeHtml(row[i] ?? '')}</${tag}>`)
  }
  const titles = columns.map(({ title }) => title)
  return `<div class="wide"><table>
<thead><tr>${cells('th', titles).join('')}</tr></thead>
<tbody>
${rows.map((row) => `<tr>${cells('td', row).join('')}</tr>`).join('\n')}
</tbody>
</table></div>`
}

function examplesHtml({ caption, queries }: Examples, thumbnails: Thumbnails): string {
  const sections = queries.map(({ query, score, answers }) => {
    const rows = answers.map(({ by, found }) => {
      const images = found.map((image) => {
        const verdict = image.isRight ? 'right' : 'wrong'
        const caption = `${verdict}, ${image.distance.toFixed(3)}`
        return `<li class="${verdict}">${figure(image, thumbnails, caption)}</li>`
      })
      const name = by === '' ? '' : `<p class="by">${escapeHtml(by)}</p>`
      return `${name}<ol>${images.join('')}</ol>`
    })
    return `<section>
<div class="asked">${figure(query, thumbnails, score === '' ? 'asked' : `asked, ${score}`)}</div>
<div>${rows.join('\n')}</div>
</section>`
  })
  return `<h2>Pictures</h2>\n${paragraph(caption)}\n${sections.join('\n')}`
}

function figure({ id, label, path }: ReportImage, thumbnails: Thumbnails, caption: string): string {
  const bytes = thumbnails.get(path) ?? null
  const uri = bytes === null ? null : dataUri('image/jpeg', bytes)
  return `${imageHtml(uri, id)}<p class="said">${escapeHtml(caption)}</p><p><b>${escapeHtml(label)}</b></p><p class="id">${breakableHtml(id)}</p>`
}

function paragraph(text: string): string {
  return `<p>${escapeHtml(text)}</p>`
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
