// Makes the pictures of docs/images: the main views of the page, and a page of `search --html`, on the shipped example
// pictures. It needs Chromium (Debian's, or what CHROMIUM names) and a build; a training takes it some minutes.
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import sharp from 'sharp'
import { runCommand } from '../dist/test/support/command-line.js'
import { launchBrowser, pageService } from '../dist/test/support/page-service.js'

const TARGET = 'docs/images'
const VIEWPORT = { width: 1200, height: 900 }
const MOST_BYTES = 150_000
const WAIT_MS = 600_000

const record = (id) => encodeURIComponent(JSON.stringify([id]))
const TAXI = 'transport-ground/taxi.google.png'

/** The views: where each is, and what is done until it shows what it is for. */
const VIEWS = [
  {
    name: 'page-search',
    at: `#/search/emoji?more=${record(TAXI)}&k=18`,
    async prepare(page) {
      await shown(page, 'ol.grid img')
    },
  },
  {
    name: 'page-collections',
    at: '#/collections/emoji',
    async prepare(page) {
      await shown(page, 'ul.grid img')
    },
  },
  {
    name: 'page-people',
    at: '#/people/emoji',
    async prepare(page) {
      const who = 'section[aria-label^="Who or what is"]'
      await page.setInputFiles(`${who} input[type=file] >> nth=0`, [
        'examples/emoji/food-fruit/strawberry.google.png',
      ])
      await shown(page, `${who} ol.grid img`)
    },
  },
  // Skipped while the page has no such view.
  {
    name: 'page-map',
    at: '#/map/emoji?field=label',
    async prepare(page) {
      await page.waitForSelector('.in-sight')
      await wait(2000)
    },
  },
  {
    name: 'page-learning',
    at: '#/learning/emoji',
    async prepare(page) {
      await page.fill('input[name=name]', 'emoji-by-kind')
      await page.fill('input[name=field]', 'label')
      await page.getByRole('button', { name: 'Train' }).click()
      await page.waitForSelector('table')
      await page.locator('section.part').evaluate((section) => section.scrollIntoView())
    },
  },
]

/** Waits until all pictures of a list that can be seen are there. */
async function shown(page, selector) {
  await page.waitForSelector(selector)
  await page.waitForFunction((all) => {
    const inView = (one) => one.getBoundingClientRect().top < innerHeight
    return [...document.querySelectorAll(all)].filter(inView).every((one) => one.naturalWidth > 0)
  }, selector)
}

async function keep(name, png) {
  const file = join(TARGET, `${name}.webp`)
  const { size } = await sharp(png).webp({ quality: 82, effort: 6 }).toFile(file)
  if (size > MOST_BYTES)
    throw new Error(`${file}: expected at most ${MOST_BYTES} bytes, got ${size}`)
  process.stdout.write(`${file}: ${size} bytes\n`)
}

const folder = mkdtempSync(join(tmpdir(), 'lookalike-screenshots-'))
const models = join(folder, 'models')
// What is trained is put beside the models that there are.
cpSync('models', models, { recursive: true })
const service = pageService(join(folder, 'data'), { LOOKALIKE_MODELS: models })
const browser = await launchBrowser()
try {
  mkdirSync(TARGET, { recursive: true })
  await service.start()
  const ask = async (method, path, body) => await (await service.send(method, path, body)).json()
  const finish = async ({ id }) => {
    for (const until = Date.now() + WAIT_MS; Date.now() < until; await wait(250)) {
      const { state } = await ask('GET', `/v1/jobs/${id}`)
      if (state === 'succeeded') return
      if (state === 'failed' || state === 'cancelled') throw new Error(`the job ended as ${state}`)
    }
    throw new Error('the job did not end')
  }
  const context = await browser.newContext({
    viewport: VIEWPORT,
    colorScheme: 'light',
    locale: 'en-GB',
    reducedMotion: 'reduce',
  })
  context.setDefaultTimeout(WAIT_MS)
  const page = await context.newPage()

  await page.goto(service.url())
  await page.waitForSelector('.main')
  await keep('page-first-visit', await page.screenshot())

  await finish(await ask('POST', '/v1/examples'))
  await finish(await ask('POST', '/v1/collections/emoji/calibrate', {}))
  for (const { name, at, prepare } of VIEWS) {
    const view = at.split('/')[1]
    if ((await page.locator(`nav a[href^="#/${view}"]`).count()) === 0) {
      process.stdout.write(`${name}: left out, as the page has no view "${view}"\n`)
      continue
    }
    await page.goto('about:blank')
    await page.goto(`${service.url()}/${at}`)
    await prepare(page)
    await keep(name, await page.screenshot())
    await page.goto(service.url())
    await page.waitForSelector('nav a')
  }

  const html = join(folder, 'found.html')
  const search = ['search', `examples/emoji/${TAXI}`, '--collection', 'emoji', '-k', '5']
  const { status, stderr } = await runCommand([...search, '--html', html, '--url', service.url()])
  if (status !== 0) throw new Error(stderr)
  await page.setViewportSize({ width: 1000, height: 600 })
  await page.goto(pathToFileURL(html).href)
  await keep('search', await page.screenshot({ fullPage: true }))
} finally {
  await browser.close()
  await service.stop()
  rmSync(folder, { recursive: true, force: true })
}
