import assert from 'node:assert/strict'
import { test } from 'node:test'
import Database from 'better-sqlite3'
import { commitTogether } from '../../../../src/engine/embedded/store/group-commit.ts'
import { AppError } from '../../../../src/errors.ts'

function notes() {
  const database = new Database(':memory:')
  database.pragma('foreign_keys = ON')
  database.exec(`
    CREATE TABLE parents (key INTEGER PRIMARY KEY);
    CREATE TABLE notes (
      text TEXT UNIQUE,
      parent INTEGER REFERENCES parents (key) DEFERRABLE INITIALLY DEFERRED
    )`)
  const add = database.prepare('INSERT INTO notes (text, parent) VALUES (?, ?)')
  const all = database.prepare<[], string>('SELECT text FROM notes ORDER BY rowid').pluck()
  let call = 0
  const change = (run: () => unknown) => ({ call: call++, name: 'note', run })
  return {
    database,
    add: (text: string, parent: number | null = null) =>
      change(() => add.run(text, parent).changes),
    change,
    all: () => all.all(),
  }
}

const nothing = () => {}

test('changes that wait together are answered in order', () => {
  const { database, add, all } = notes()
  const replies = commitTogether(database, [add('a'), add('b'), add('c')], nothing)
  assert.deepEqual(replies, [
    { call: 0, result: 1 },
    { call: 1, result: 1 },
    { call: 2, result: 1 },
  ])
  assert.deepEqual(all(), ['a', 'b', 'c'])
  assert.equal(database.inTransaction, false)
})

test('a change that fails half way is undone alone', () => {
  const { database, add, change, all } = notes()
  const half = change(() => {
    add('half').run()
    throw new AppError('INVALID_METADATA', 'too large')
  })
  const replies = commitTogether(database, [add('a'), half, add('a'), add('b')], nothing)
  assert.deepEqual(all(), ['a', 'b'])
  assert.deepEqual(
    replies.map((reply) => ('error' in reply ? reply.error.coded?.code : reply.result)),
    [1, 'INVALID_METADATA', 'STORE_FAILED', 1],
  )
})

test('a commit that fails fails all its changes, and the next one works', () => {
  const { database, add, all } = notes()
  const replies = commitTogether(database, [add('a'), add('orphan', 7), add('b')], nothing)
  for (const reply of replies) {
    assert.ok('error' in reply)
    assert.equal(reply.error.coded?.code, 'STORE_FAILED')
    assert.match(reply.error.message, /FOREIGN KEY constraint failed/)
  }
  assert.deepEqual(all(), [])
  commitTogether(database, [add('c')], nothing)
  assert.deepEqual(all(), ['c'])
})

test('a failure before the commit fails all changes', () => {
  const { database, add, all } = notes()
  const replies = commitTogether(database, [add('a')], () => {
    throw new Error('no stamp')
  })
  assert.ok('error' in replies[0]!)
  assert.deepEqual(all(), [])
})

test('a change that ends the whole transaction fails its neighbours too', () => {
  const { database, add, change, all } = notes()
  const full = change(() => {
    database.exec('ROLLBACK')
    throw new Error('database or disk is full')
  })
  const replies = commitTogether(database, [add('a'), full, add('b')], nothing)
  assert.ok(
    replies.every((reply) => 'error' in reply && reply.error.coded?.code === 'STORE_FAILED'),
  )
  assert.deepEqual(all(), [])
})
