import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import type { FastifyReply } from 'fastify'
import { AppError } from '../../src/errors.ts'
import { DEADLINE_EVENT } from '../../src/http/client-gone.ts'
import { createLongWork } from '../../src/http/long-work.ts'
import { sendLines } from '../../src/http/ndjson-answer.ts'

const reason = new AppError('DEADLINE_EXCEEDED', 'too late')

/** An answer of items without end, and whether what makes them has let go. */
async function begun(item: string) {
  const held = { isHeld: true }
  async function* work() {
    try {
      for (;;) yield [item]
    } finally {
      held.isHeld = false
    }
  }
  const raw = new EventEmitter()
  let lines: Readable | undefined
  const reply = {
    raw,
    type: () => reply,
    header: () => reply,
    send: (stream: Readable) => {
      lines = stream
    },
  }
  await sendLines(reply as unknown as FastifyReply, createLongWork().run, 'items', work)
  return { raw, lines: lines!, held }
}

async function turns(): Promise<void> {
  for (let i = 0; i < 50; i++) await new Promise(setImmediate)
}

test('an answer that is destroyed before its first line is read lets go of its work', async () => {
  const { lines, held } = await begun('a')
  await turns()
  assert.equal(held.isHeld, true)
  lines.destroy()
  await turns()
  assert.equal(held.isHeld, false)
})

test('work that is to stop lets go although nobody reads its lines, and the last says so later', async () => {
  const { raw, lines, held } = await begun('a'.repeat(100_000))
  lines.once('data', () => lines.pause())
  await turns()
  assert.equal(held.isHeld, true)
  raw.emit(DEADLINE_EVENT, reason)
  await turns()
  assert.equal(held.isHeld, false)
  const last = JSON.parse((await text(lines)).trimEnd().split('\n').at(-1)!)
  const { items, ...others } = last
  assert.ok(items > 0)
  assert.deepEqual(others, { complete: false, code: 'DEADLINE_EXCEEDED', detail: 'too late' })
})
