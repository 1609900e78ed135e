import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, constants, openSync, readSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { openLog } from '../src/logger.ts'
import { folderWithFifo } from './support/fifo.ts'
import { temporaryFolder } from './support/temporary-folder.ts'

const options = { timeout: 120_000 }

/** The two ends of a pipe of the kernel's size, which do not block. Whoever writes closes `fd`. */
function pipe(t: TestContext): { readonly fd: number; readLines(): readonly string[] } {
  const fifo = folderWithFifo(t, 'log').fifo
  const end = openSync(fifo, constants.O_RDONLY | constants.O_NONBLOCK)
  t.after(() => closeSync(end))
  const fd = openSync(fifo, constants.O_WRONLY | constants.O_NONBLOCK)
  let text = ''
  return {
    fd,
    readLines() {
      const chunk = Buffer.alloc(1024 * 1024)
      try {
        for (let bytes = readSync(end, chunk); bytes > 0; bytes = readSync(end, chunk)) {
          text += chunk.toString('utf8', 0, bytes)
        }
      } catch {
        // Nothing more is there.
      }
      return text.split('\n').slice(0, -1)
    },
  }
}

test(
  'lines that nobody reads are dropped beyond a bound, and counted in the next line that is read',
  options,
  async (t) => {
    const { fd, readLines } = pipe(t)
    const log = openLog({ level: 'info', fd, maxWaitingBytes: 100_000 })
    const written = 1000
    for (let i = 0; i < written; i++) {
      log.logger.info({ padding: 'x'.repeat(1000) }, 'hello')
      if (i % 100 === 0) await wait(1)
    }
    assert.ok(log.droppedLines > 500 && log.droppedLines < written, `${log.droppedLines}`)
    while (!readLines().some((line) => line.includes('log lines dropped'))) await wait(10)
    await log.close()
    const lines = readLines().map((line) => JSON.parse(line))
    assert.equal(lines.filter(({ msg }) => msg === 'hello').length, written - log.droppedLines)
    const told = lines.filter(({ msg }) => msg === 'log lines dropped')
    assert.deepEqual(
      told.map(({ level, lines }) => [level, lines]),
      [[40, log.droppedLines]],
    )
  },
)

test('a line is written by itself when no other follows', options, async (t) => {
  const { fd, readLines } = pipe(t)
  const log = openLog({ level: 'info', fd })
  log.logger.info('alone')
  while (readLines().length === 0) await wait(1)
  assert.deepEqual(
    readLines().map((line) => JSON.parse(line).msg),
    ['alone'],
  )
  await log.close()
  assert.equal(log.droppedLines, 0)
})

test('closing writes what waits where somebody reads', options, async (t) => {
  const { fd, readLines } = pipe(t)
  const log = openLog({ level: 'info', fd, closeTimeoutMs: 60_000 })
  for (let i = 0; i < 500; i++) log.logger.info({ padding: 'x'.repeat(1000) }, 'hello')
  const closed = log.close()
  const reading = setInterval(readLines, 10)
  await closed
  clearInterval(reading)
  assert.equal(readLines().length, 500)
  assert.equal(log.droppedLines, 0)
})

test('closing ends where nobody reads, and a line after it is dropped', options, async (t) => {
  const { fd } = pipe(t)
  const log = openLog({ level: 'info', fd, closeTimeoutMs: 50 })
  for (let i = 0; i < 500; i++) log.logger.info({ padding: 'x'.repeat(1000) }, 'hello')
  await log.close()
  log.logger.info('late')
  assert.equal(log.droppedLines, 1)
})

test(
  'a service whose log nobody reads answers, and stops when it is asked to',
  options,
  async (t) => {
    const data = temporaryFolder(t)
    const environment = { ...process.env, LOOKALIKE_HOST: '127.0.0.1' }
    const args = ['dist/src/cli/lookalike.js', 'serve', '--port', '0', '--data', join(data, 'd')]
    const child = spawn(process.execPath, args, { env: environment, stdio: ['ignore', 'pipe', 2] })
    t.after(() => {
      child.kill('SIGKILL')
      child.stdout!.destroy()
    })
    const exited = once(child, 'exit')
    let log = ''
    while (!log.includes('"msg":"listening"')) {
      const [chunk] = await once(child.stdout!, 'data')
      log += chunk
    }
    // Nobody reads from here on.
    child.stdout!.pause()
    const { url } = JSON.parse(log.split('\n').find((line) => line.includes('"listening"'))!)
    // A pipe holds 64 KiB, and so does its reader.
    for (let i = 0; i < 400; i++) {
      const response = await fetch(`${url}/${'x'.repeat(1000)}`)
      await response.text()
      assert.equal(response.status, 404)
    }
    child.kill('SIGTERM')
    assert.deepEqual(await exited, [0, null])
  },
)
