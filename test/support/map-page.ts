import type { Page } from 'playwright-core'
import type { PageService } from './page-service.ts'

/** Stores two clouds of 50 points each, one at the left and one at the right, and one point high in the middle. */
export async function storeClouds(send: PageService['send'], name: string): Promise<void> {
  await send('PUT', `/v1/collections/${name}`, {
    dimensions: 2,
    metric: 'euclidean',
    fields: ['side'],
  })
  const cloud = Array.from({ length: 100 }, (_, i) => ({
    id: `p${100 + i}`,
    vector: [(i < 50 ? -10 : 10) + Math.sin(i), Math.cos(3 * i)],
    metadata: { side: i < 50 ? 'left' : 'right', i },
  }))
  const points = [...cloud, { id: 'top', vector: [0, 4], metadata: {} }]
  await send('POST', `/v1/collections/${name}/vectors`, { points })
}

/** Waits until the map rests, and gives how many points are in sight. */
export async function inSight(page: Page): Promise<number> {
  // What was just done is in the next frame.
  await page.evaluate('new Promise((done) => requestAnimationFrame(() => setTimeout(done)))')
  await page.waitForSelector('.in-sight[aria-busy=false]')
  return Number(/^(\d+) of/.exec((await page.textContent('.in-sight'))!)![1])
}

export async function boxOf(page: Page) {
  await page.locator('.map').scrollIntoViewIfNeeded()
  return (await page.locator('.map').boundingBox())!
}

/** How many pixels of the map have a colour. */
export async function painted(page: Page): Promise<number> {
  return Number(
    await page.evaluate(`{
      const canvas = document.querySelector('.map canvas')
      const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height)
      let count = 0
      for (let i = 3; i < data.length; i += 4) if (data[i] > 0) count++
      count
    }`),
  )
}
