import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { parse } from 'yaml'
import { FLOAT_MODEL } from './support/shipped-models.ts'

function serviceOf(file: string) {
  return parse(readFileSync(`docker/${file}`, 'utf8')).services.lookalike
}

test('the compose files bound memory, processes and the log, and give no rights', () => {
  const service = serviceOf('compose.yaml')
  assert.match(service.mem_limit, /^\$\{MEMORY_LIMIT:-\d+g\}$/)
  assert.match(serviceOf('compose.cuda.yaml').mem_limit, /^\$\{MEMORY_LIMIT:-\d+g\}$/)
  assert.match(service.pids_limit, /^\$\{PIDS_LIMIT:-\d+\}$/)
  assert.deepEqual(service.logging.options, { 'max-size': '10m', 'max-file': '5' })
  assert.deepEqual(service.cap_drop, ['ALL'])
  assert.deepEqual([service.read_only, service.security_opt], [true, ['no-new-privileges:true']])
})

test('the image for GPUs takes the model in float32', () => {
  const image = readFileSync('docker/Dockerfile.cuda', 'utf8')
  assert.match(image, new RegExp(`^ +LOOKALIKE_MODEL=${FLOAT_MODEL}$`, 'm'))
})
