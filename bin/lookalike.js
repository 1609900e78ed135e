#!/usr/bin/env node
// The command in a checkout: builds on its first run, then hands over.
const { spawnSync } = require('node:child_process')
const { existsSync } = require('node:fs')
const { availableParallelism } = require('node:os')
const { resolve } = require('node:path')
const { pathToFileURL } = require('node:url')

// Images are decoded on this pool. Node reads its size before it loads the first ES module, which
// is why this file is none.
process.env.UV_THREADPOOL_SIZE ??= String(availableParallelism() + 4)

const entry = resolve(__dirname, '../dist/src/cli/lookalike.js')
if (!existsSync(entry)) {
  const build = resolve(__dirname, '../scripts/build.mjs')
  const { status } = spawnSync(process.execPath, [build], { stdio: ['ignore', 2, 2] })
  if (status !== 0) process.exit(status ?? 1)
}
import(pathToFileURL(entry).href)
