import assert from 'node:assert/strict'
import { setTimeout as wait } from 'node:timers/promises'
import type { serveOverHttp } from './serve-over-http.ts'

type Send = ReturnType<typeof serveOverHttp>

/** Calibrates a collection, and waits until that has succeeded. */
export async function calibrated(send: Send, path: string, body: object = {}): Promise<void> {
  const { status, body: job } = await send('POST', `${path}/calibrate`, body)
  assert.equal(status, 202, JSON.stringify(job))
  for (let i = 0; i < 600; i++) {
    const { body: now } = await send('GET', `/v1/jobs/${job.id}`)
    if (now.finishedAt === null) {
      await wait(50)
      continue
    }
    assert.equal(now.state, 'succeeded', JSON.stringify(now.error))
    return
  }
  throw new Error('the job did not end')
}
