import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { resolve } from 'node:path'
import { test } from 'node:test'
import { runProgram, serveForClients } from '../support/twelve-calls.ts'

const python = process.env.PYTHON ?? 'python3'
const needs = 'import sys, httpx; assert sys.version_info >= (3, 11)'
const skip = spawnSync(python, ['-c', needs]).status !== 0 && 'needs Python 3.11 with httpx'

const served = serveForClients()

test('twelve calls of the client in Python pass', { skip }, async () => {
  const env = { PYTHONPATH: resolve('clients/python'), PYTHONDONTWRITEBYTECODE: '1' }
  const program = ['clients/python/twelve_calls.py', served.url, served.archive]
  assert.equal(await runProgram(python, program, { env }), '12 calls passed\n')
})
