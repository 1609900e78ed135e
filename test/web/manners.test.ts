import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { seriousFaults } from '../support/axe.ts'
import { servePage, withoutBrowser } from '../support/browser.ts'

const options = { skip: withoutBrowser }
const { open, send, stop, start, url } = servePage()
const VIEWS = [
  '#/search/hostile',
  '#/collections',
  '#/collections/hostile',
  '#/people/hostile',
  '#/map/hostile',
  '#/learning/hostile',
  '#/jobs',
  '#/map/hostile',
  '#/welcome',
]
const HOSTILE = '"><img src=x onerror=window.broken=1><script>window.broken=1</script>'

let stored: Promise<void> | null = null
async function store(): Promise<void> {
  stored ??= (async () => {
    await send('PUT', '/v1/collections/hostile', { dimensions: 2, identityField: 'who' })
    const points = [0, 1, 2].map((i) => ({
      id: i === 0 ? HOSTILE : `r${i}`,
      vector: [1, i],
      metadata: { [HOSTILE.slice(0, 60)]: HOSTILE, who: HOSTILE },
    }))
    await send('POST', '/v1/collections/hostile/vectors', { points })
  })()
  await stored
}

test(
  'what the page loads first is under 300 kB, and comes from the service alone',
  options,
  async () => {
    await store()
    const page = await open('about:blank')
    let bytes = 0
    const hosts = new Set<string>()
    page.on('response', async (response) => {
      hosts.add(new URL(response.url()).origin)
      bytes += Number(response.headers()['content-length'] ?? 0)
    })
    await page.goto(`${url()}/`)
    await page.waitForSelector('h1')
    assert.deepEqual([...hosts], [url()])
    assert.ok(bytes > 5000 && bytes < 300_000, `${bytes} bytes`)
  },
)

test('its policy allows no inline script, no eval and no other host', options, async () => {
  const response = await fetch(`${url()}/`, { headers: { accept: 'text/html' } })
  const policy = response.headers.get('content-security-policy')!
  assert.match(policy, /default-src 'none'/)
  assert.match(policy, /script-src 'self'(;|$)/)
  assert.doesNotMatch(policy, /unsafe|https?:|\*/)
})

test('hostile ids and metadata stay text', options, async () => {
  await store()
  const more = encodeURIComponent(JSON.stringify([HOSTILE]))
  for (const view of [...VIEWS, `#/search/hostile?more=${more}&k=24`]) {
    const page = await open(view)
    const problems: string[] = []
    page.on('pageerror', (error) => problems.push(error.message))
    await page.waitForSelector('h1')
    await page.waitForTimeout(300)
    assert.equal(await page.evaluate('window.broken'), undefined, view)
    assert.deepEqual(problems, [], view)
  }
})

test('hostile ids and values stay text on the map', options, async () => {
  await store()
  const of = encodeURIComponent(JSON.stringify([HOSTILE]))
  const near = encodeURIComponent(JSON.stringify(['r1']))
  const page = await open(`#/map/hostile?field=who&of=${of}&near=${near}`)
  const problems: string[] = []
  page.on('pageerror', (error) => problems.push(error.message))
  await page.click(`.map-legend button:has-text("onerror")`)
  const shown = page.locator('section[aria-label=Selection] .name')
  await shown.first().waitFor()
  assert.ok((await shown.allTextContents()).includes(HOSTILE))
  assert.equal(await page.evaluate('window.broken'), undefined)
  assert.deepEqual(problems, [])
})

test('a long id may break behind what separates its parts', options, async () => {
  await store()
  const page = await open('#/collections/hostile')
  await page.waitForSelector('.name')
  const parts = await page.evaluate(`{
    const name = [...document.querySelectorAll('.name')].find((one) => one.title.length > 9)
    name.innerHTML.replace(/<wbr>$/, '').split('<wbr>')
  }`)
  const unescaped = (parts as string[]).map((part) => {
    return part.replaceAll('&lt;', '<').replaceAll('&gt;', '>')
  })
  assert.deepEqual(unescaped, HOSTILE.split(/(?<=[/_.-])(?=[^/_.-])/))
})

test('no script has regular expressions that look behind, which Safari 16.3 cannot read', () => {
  const scripts = readdirSync('dist/src/web').filter((name) => name.endsWith('.js'))
  assert.ok(scripts.length > 1)
  for (const name of scripts) {
    assert.equal(readFileSync(`dist/src/web/${name}`, 'utf8').search(/\(\?<[=!]/), -1, name)
  }
})

test(
  'a part of the page that is not there any more is asked for by loading the page anew',
  options,
  async () => {
    await store()
    const page = await open('#/jobs', { locale: 'de-DE' })
    await page.waitForSelector('h1')
    await page.route('**/map-view-*.js', (route) => route.fulfill({ status: 404 }))
    await page.click('nav >> text=Karte')
    await page.waitForSelector('text=Ein Teil der Seite ließ sich nicht laden.')
    await page.unroute('**/map-view-*.js')
    let loads = 0
    page.on('load', () => loads++)
    await page.click('text=Noch einmal')
    await page.waitForSelector('h1:has-text("Karte")')
    assert.equal(loads, 1)
  },
)

test('the page scrolls in no view sideways at 360 pixels', options, async () => {
  await store()
  const more = encodeURIComponent(JSON.stringify(['r1']))
  for (const view of [...VIEWS, `#/search/hostile?more=${more}`]) {
    const page = await open(view, { viewport: { width: 360, height: 640 } })
    await page.waitForSelector('h1')
    await page.waitForTimeout(300)
    const width = await page.evaluate('document.documentElement.scrollWidth')
    assert.ok(Number(width) <= 360, `${view}: ${width}`)
  }
})

test('axe finds nothing serious, in light and in dark', options, async () => {
  await store()
  const more = encodeURIComponent(JSON.stringify(['r1']))
  for (const colorScheme of ['light', 'dark'] as const) {
    for (const view of [...VIEWS, `#/search/hostile?more=${more}`]) {
      const page = await open(view, { colorScheme, bypassCSP: true })
      await page.waitForSelector('h1')
      await page.waitForTimeout(300)
      assert.deepEqual(await seriousFaults(page), [], `${view} ${colorScheme}`)
    }
  }
})

test('a search is made by the keyboard alone', options, async () => {
  await store()
  const page = await open('#/collections/hostile')
  await page.waitForSelector('button[aria-label=r1]')
  const press = async (wanted: string) => {
    for (let i = 0; i < 60; i++) {
      await page.keyboard.press('Tab')
      const label = await page.evaluate(
        "document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent",
      )
      if (label === wanted) return
    }
    assert.fail(`the focus never came to ${wanted}`)
  }
  await press('r1')
  await page.keyboard.press('Enter')
  await page.waitForSelector('dialog')
  await press('Search by this')
  await page.keyboard.press('Enter')
  await page.waitForSelector('ol.grid .name')
  assert.equal(await page.locator('ol.grid .name').count(), 2)
})

test('other languages have every text', options, async () => {
  const page = await open('#/jobs', { locale: 'de-DE' })
  await page.waitForSelector('text=Noch lief kein Auftrag.')
  assert.equal(await page.evaluate('document.documentElement.lang'), 'de')
})

test(
  'while the service is away the page says so, and goes on when it is back',
  options,
  async () => {
    await store()
    const page = await open('#/jobs')
    await page.waitForSelector('h1')
    await stop()
    await page.waitForSelector('[role=alert]')
    await start()
    // It asks again by itself.
    await page.waitForSelector('[role=alert]', { state: 'detached' })
  },
)
