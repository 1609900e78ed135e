import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { htmlReport } from '../../../src/cli/report/html-report.ts'
import { lineChart } from '../../../src/cli/report/line-chart.ts'
import { markdownReport } from '../../../src/cli/report/markdown-report.ts'
import type { ReportDocument } from '../../../src/cli/report/report-document.ts'
import { runCommand } from '../../support/command-line.ts'
import { copyPictures } from '../../support/pictures.ts'
import {
  chartPoints,
  htmlTable,
  jpegUris,
  markdownTable,
  shownPictures,
} from '../../support/read-report.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const HOSTILE = `"><img src=x onerror='alert(1)'>&amp;<script>alert(2)</script>|[a](b)*_\`~\\`

function documentOf(text: string): ReportDocument {
  const picture = { id: text, label: text, path: 'a.jpg' }
  const found = { ...picture, isRight: true, distance: 0.25 }
  const answers = [
    { by: text, found: [found, { ...found, path: 'gone.jpg', isRight: false }] },
    { by: text, found: [found] },
  ]
  return {
    title: text,
    facts: [text],
    notes: [text],
    table: {
      columns: [
        { title: text, align: 'left' },
        { title: text, align: 'right' },
      ],
      rows: [[text, text], [text]],
    },
    charts: [
      {
        title: text,
        x: text,
        series: [
          {
            name: text,
            kind: text,
            stroke: text,
            points: [
              [0, 1],
              [20, 3],
            ],
          },
        ],
      },
      {
        title: text,
        x: text,
        series: [{ name: text, kind: text, stroke: text, points: [[7, 7]] }],
      },
    ],
    examples: { caption: text, queries: [{ query: picture, score: text, answers }] },
  }
}

const thumbnails = new Map([
  ['a.jpg', Uint8Array.of(0xff, 0xd8, 0xff)],
  ['gone.jpg', null],
])

test('no text that comes from outside becomes markup of HTML', () => {
  const markup = (text: string) =>
    htmlReport(documentOf(text), thumbnails)
      .replaceAll('<wbr>', '')
      .replace(/[^<>"']/g, '')
  assert.equal(markup(HOSTILE), markup('harmless'))
  assert.doesNotMatch(htmlReport(documentOf(HOSTILE), thumbnails), /&(?!(amp|lt|gt|quot|#39);)/)
})

test('no text that comes from outside becomes markup of Markdown', () => {
  const markup = (text: string) => {
    const report = markdownReport(documentOf(text), thumbnails, 'files')
    // What a backslash stands before is text.
    const plain = report.text.replace(/\\[!-/:-@[-`{-~]/g, '')
    return [plain.replace(/[^\\`*_[\]<>&|~\n]/g, ''), plain.match(/^[#-]+ /gm)]
  }
  assert.deepEqual(markup(HOSTILE), markup('harmless'))
  assert.deepEqual(markup('one\n# two\n\n- three'), markup('harmless'))
})

test('an HTML report asks for nothing from outside', () => {
  const page = htmlReport(documentOf('a'), thumbnails)
  assert.deepEqual(page.match(/(src|href)="(?!data:)[^"]*"|url\(|@import|<script/g), null)
  assert.match(page, /Content-Security-Policy" content="default-src 'none'; img-src data:/)
  assert.equal(page.match(/no picture/g)?.length, 1)
})

test('a Markdown report names its pictures by where they are', () => {
  const { text, files } = markdownReport(documentOf('a'), thumbnails, 'a b.md-files')
  assert.deepEqual([...files.keys()], ['1.jpg', 'chart-1.svg', 'chart-2.svg'])
  assert.equal(files.get('1.jpg'), thumbnails.get('a.jpg'))
  assert.match(text, /!\[a\]\(a%20b\.md-files\/1\.jpg\)/)
  assert.match(text, /!\[a\]\(a%20b\.md-files\/chart-2\.svg\)/)
  assert.match(text, /\(no picture\) \*\*wrong\*\*/)
})

test('a chart puts every point where its numbers are', () => {
  const points = [
    [0, 0.25],
    [40, 0.75],
    [80, 0.5],
  ] as const
  const svg = lineChart({
    title: 't',
    x: 'steps',
    series: [{ name: 'n', kind: 'k', stroke: 's', points }],
  })
  const [[x0, y0], [x1, y1], [x2, y2]] = [
    ...svg.matchAll(/<circle cx="([\d.]+)" cy="([\d.]+)"/g),
  ].map(([, x, y]) => [Number(x), Number(y)] as const) as [Place, Place, Place]
  assert.ok(x0 < x1 && Math.abs(x1 - x0 - (x2 - x1)) < 0.2, svg)
  assert.ok(y1 < y2 && Math.abs(y0 - y2 - (y2 - y1)) < 0.2, svg)
  assert.deepEqual(
    chartPoints(svg),
    points.map(([step, value]) => ({ name: 'n', step, value: value.toFixed(4) })),
  )
})

test('the lines of a fold have its colour, and those of a start its stroke', () => {
  const line = (kind: string, stroke: string) => {
    return { name: `${stroke}, ${kind}`, kind, stroke, points: [[0, 1]] as const }
  }
  const series = [line('fold 1', 'pca'), line('fold 2', 'pca'), line('fold 1', 'whitened')]
  const svg = lineChart({ title: 't', x: 'steps', series })
  const lines = [...svg.matchAll(/<polyline [^>]*stroke="([^"]*)"( stroke-dasharray="[^"]*")?/g)]
  const [a, b, c] = lines.map(([, colour, dash]) => ({ colour, dash }))
  assert.equal(a!.colour, c!.colour)
  assert.notEqual(a!.colour, b!.colour)
  assert.equal(a!.dash, b!.dash)
  assert.notEqual(a!.dash, c!.dash)
  const legend = [...svg.matchAll(/<text [^>]*y="38.0"[^>]*>(.*?)<\/text>/g)].map(
    ([, name]) => name,
  )
  assert.deepEqual(legend, ['fold 1', 'fold 2', 'pca', 'whitened'])
})

type Place = readonly [x: number, y: number]

/** Two classes that are easy to distinguish, and one whose name is markup. */
async function evaluated(t: TestContext, file: string) {
  const folder = join(temporaryFolder(t), 'pictures')
  copyPictures(folder, {
    'fox/1.png': 'animal-mammal/fox_face.google.png',
    'fox/2.png': 'animal-mammal/fox_face.twitter.png',
    'cherries/1.png': 'food-fruit/cherries.google.png',
    'cherries/2.png': 'food-fruit/cherries.twitter.png',
    '<b>|x/1.png': 'transport-air/rocket.google.png',
    '<b>|x/2.png': 'transport-air/rocket.twitter.png',
    'alone/1.png': 'food-fruit/lemon.google.png',
  })
  const report = join(folder, '..', file)
  const args = ['evaluate', folder, '--json', '--quiet', '--report', report]
  const { status, stdout, stderr } = await runCommand(args)
  assert.equal(status, 0, stderr)
  return { report, text: readFileSync(report, 'utf8'), json: JSON.parse(stdout) }
}

function rowsOf(json: Record<string, unknown>): string[][] {
  const names = { recallAt1: 'Recall@1', recallAt8: 'Recall@8', mapAtR: 'MAP@R', map: 'mAP' }
  return Object.entries(names).map(([member, name]) => {
    const interval = (json.intervals as Record<string, number[]>)[member]!
    const bounds = interval.map((bound) => bound.toFixed(3)).join(' to ')
    return [name, (json[member] as number).toFixed(3), bounds]
  })
}

test('evaluate --report writes a page with the numbers of the JSON and the pictures found', async (t) => {
  const { text, json } = await evaluated(t, 'report.html')
  const table = htmlTable(text)
  for (const row of rowsOf(json)) {
    assert.deepEqual(table.find(([name]) => name === row[0])?.slice(0, 3), row)
  }
  assert.equal(table.find(([name]) => name === 'NMI')?.[1], json.nmi.toFixed(3))
  assert.doesNotMatch(text, /<b>\|x/)
  assert.match(text, /Every picture of pictures asks/)
  assert.doesNotMatch(text, new RegExp(tmpdir()), 'no path of this machine')
  assert.match(text, /Distances are Euclidean, of vectors of length 1/)
  const scores = [...text.matchAll(/asked, MAP@R ([\d.]+)/g)].map(([, score]) => Number(score))
  assert.equal(scores.length, 6)
  assert.deepEqual(
    scores,
    scores.toSorted((a, b) => a - b),
  )
  const mean = scores.reduce((sum, score) => sum + score, 0) / scores.length
  assert.ok(Math.abs(mean - json.mapAtR) < 0.001, `${mean}`)

  const queries = shownPictures(text)
  // All but the one that is alone ask.
  assert.equal(queries.length, 6)
  assert.deepEqual(new Set(queries.map(({ query }) => query.id)).size, 6)
  for (const { query, found } of queries) {
    assert.equal(found.length, 6)
    const distances = found.map(({ distance }) => distance)
    assert.deepEqual(distances, distances.toSorted())
    for (const { id, verdict } of found) {
      assert.notEqual(id, query.id)
      const isRight = id.split('/')[0] === query.id.split('/')[0]
      assert.equal(verdict, isRight ? 'right' : 'wrong', `${id} for ${query.id}`)
    }
  }
  assert.equal(jpegUris(text).length, 6 * 7)
})

test('evaluate --report writes Markdown with the same numbers, and pictures beside it', async (t) => {
  const { report, text, json } = await evaluated(t, 'report.md')
  const table = markdownTable(text)
  for (const row of rowsOf(json)) {
    assert.deepEqual(table.find(([name]) => name === row[0])?.slice(0, 3), row)
  }
  const files = readdirSync(`${report}-files`)
  assert.equal(files.length, 7)
  const links = [...text.matchAll(/!\[[^\]]*\]\(([^)]*)\)/g)].map(([, link]) => link!)
  assert.equal(links.length, 6 * 7)
  for (const link of links) {
    const bytes = readFileSync(join(report, '..', decodeURIComponent(link)))
    assert.equal(bytes.toString('hex', 0, 3), 'ffd8ff', link)
  }
})

test('a report that could not be written is refused before anything is embedded', async (t) => {
  const folder = temporaryFolder(t)
  mkdirSync(join(folder, 'folder.html'))
  for (const [file, message] of [
    ['report.pdf', /ends in \.html or \.md/],
    [join(folder, 'none', 'report.md'), /ENOENT.* \(INVALID_REQUEST\)\n$/],
    [join(folder, 'folder.html'), /it is a folder \(INVALID_REQUEST\)\n$/],
  ] as const) {
    const refused = await runCommand(['evaluate', 'examples/emoji', '--report', file])
    assert.equal(refused.status, 2, refused.stderr)
    assert.match(refused.stderr, message)
    assert.equal(refused.stdout, '')
  }
  assert.equal(existsSync('report.pdf'), false)
})
