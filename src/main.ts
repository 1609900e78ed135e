import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Config } from './config/config.ts'
import { watchApiKeys } from './config/watch-api-keys.ts'
import type { Embedder } from './embedding/embedder.ts'
import { PRIVATE_FILE } from './files/private-files.ts'
import { checkExposure } from './http/admission/access.ts'
import type { Readiness } from './http/calls/health.ts'
import { createHttpServer, type HttpServer } from './http/http-server.ts'
import { type Log, openLog } from './logger.ts'
import { checkDefaultModel } from './service/open-models.ts'
import { type Service, startService } from './service/service.ts'
import { buildGauge } from './service/work-gauges.ts'

// Compiled, this file lies in dist/src.
const PACKAGE = new URL('../../package.json', import.meta.url)
/** The process that started this one: once it is gone, the system gives another. */
const PARENT = process.ppid
const LOOK_AT_PARENT_MS = 500

/** Tells a person at a terminal where to go: the log is for machines. */
function greet({ host, port }: { readonly host: string; readonly port: number }): void {
  if (!process.stderr.isTTY) return
  const anywhere = host === '0.0.0.0' || host === '::'
  const name = anywhere ? 'localhost' : host.includes(':') ? `[${host}]` : host
  process.stderr.write(
    `\nLookalike is at http://${name}:${port}: open it in a browser. Ctrl-C stops it.\n\n`,
  )
}

/** Serves over HTTP until SIGINT or SIGTERM, then finishes what was accepted. */
export async function serve(config: Config): Promise<void> {
  const log = openLog({ level: config.logLevel })
  try {
    await serveLogged(config, log)
  } finally {
    await log.close()
  }
}

async function serveLogged(config: Config, log: Log): Promise<void> {
  const { logger } = log
  checkExposure({ host: config.host, keys: config.apiKeys, anonymous: config.anonymous })
  await checkDefaultModel(config)
  const service = await startService(config, {
    jobFailed: ({ id, kind }, err) => logger.error({ err, jobId: id, kind }, 'job failed'),
    modelReplaced: (model) => logger.info({ model }, 'model replaced'),
    modelNotReplaced: (model, err) => logger.warn({ err, model }, 'changed model not taken'),
    onGraphFile: ({ collection, ...notice }) => {
      logger.warn({ collectionKey: collection, ...notice }, 'graph cache')
    },
    onDisk: (isFull) => {
      if (isFull) logger.error({ code: 'DISK_FULL' }, 'the disk is full: only deletions are taken')
      else logger.info('there is room on the disk again: writes are taken')
    },
    onTreeFile: ({ collection, ...notice }) => {
      const level = notice.file === 'used' ? 'info' : 'warn'
      logger[level]({ collectionKey: collection, ...notice }, 'tree cache')
    },
  })
  let server: HttpServer | null = null
  let stopWatching = () => {}
  const announcement = join(config.dataFolder, 'service.json')
  try {
    const { models, jobs } = service
    let embedder: Embedder | null = null
    // The collections are loaded and the default model is warmed side by side.
    const loaded = service.loaded.then(() => jobs.open())
    const ready = Promise.all([models.load(models.defaultName), loaded]).then(([opened]) => {
      embedder = opened
      return opened
    })
    // A failure is thrown where the start is awaited.
    ready.catch(() => undefined)
    const { version } = JSON.parse(readFileSync(PACKAGE, 'utf8')) as { version: string }
    server = await createHttpServer({
      collections: service.collections,
      embeddings: service.embeddings,
      urlFetcher: service.urlFetcher,
      jobs: service.jobs,
      logger,
      readiness: () => readinessOf(embedder, service.isWritable()),
      liveness: () => livenessOf(service),
      limits: {
        maxBodyBytes: config.maxBodyBytes,
        deadlineMs: config.deadlineSeconds * 1000,
        requestsPerMinute: config.rateLimit,
        requestsPerDay: config.dailyQuota,
        query: { maxK: config.maxK, maxFilterConditions: config.maxFilterConditions },
      },
      keys: config.apiKeys,
      anonymous: config.anonymous,
      allowedHosts: config.allowedHosts ?? [],
      corsOrigins: config.corsOrigins ?? [],
      trustedProxies: config.trustedProxies ?? [],
      version,
      gauges: [
        buildGauge(version),
        ...service.gauges,
        {
          name: 'lookalike_log_lines_dropped',
          help: 'Lines of the log that were dropped because nobody read them in time.',
          read: () => log.droppedLines,
        },
      ],
    })
    stopWatching = watchKeys(config, server, logger)
    const stopped = signalled()
    const address = await server.listen({ host: config.host, port: config.port })
    const url = `http://${address.host.includes(':') ? `[${address.host}]` : address.host}:${address.port}`
    const started = { url, pid: process.pid, startedAt: new Date().toISOString() }
    // Whoever sees the file must find all of it.
    try {
      const text = `${JSON.stringify(started, null, 2)}\n`
      writeFileSync(`${announcement}.new`, text, { mode: PRIVATE_FILE })
      renameSync(`${announcement}.new`, announcement)
    } catch (err) {
      // On a full disk, which deletions over HTTP can clear.
      logger.warn({ err }, 'cannot write the address of the service')
    }
    logger.info({ url, dataFolder: config.dataFolder }, 'listening')
    const logReady = ({ model, provider: { name, fallbackReason: reason } }: Embedder) => {
      logger.info({ model, provider: name }, 'ready')
      if (reason !== null) logger.info({ provider: name, reason }, 'no GPU is used')
    }
    ready.then(
      (opened) => {
        logReady(opened)
        // Last, so that it is what stands at the end of the screen.
        greet(address)
      },
      () => undefined,
    )
    // A model or a collection that cannot be loaded ends the start, with its reason, and so does a
    // store that can answer no more: whoever runs the service starts it again.
    const signal = await Promise.race([service.broken, stopped, ready.then(() => stopped)])
    logger.info({ signal }, 'stopping')
  } finally {
    stopWatching()
    await server?.close()
    rmSync(announcement, { force: true })
    await service.close()
  }
  logger.info('stopped')
}

/** Takes the keys of the file again when it changes. @returns how to stop. */
function watchKeys(
  { apiKeysFile, apiKeys }: Config,
  server: HttpServer,
  logger: Log['logger'],
): () => void {
  if (apiKeysFile === null) return () => {}
  return watchApiKeys(apiKeysFile, apiKeys, {
    onKeys(keys) {
      server.replaceKeys(keys)
      logger.info({ keys: keys.map(({ name }) => name) }, 'API keys replaced')
    },
    onFaults: (faults) => logger.error({ faults }, 'API keys not replaced'),
  })
}

/** On a full disk it stays ready: it answers searches, and takes the deletions that make room. */
function readinessOf(embedder: Embedder | null, writable: boolean): Readiness {
  if (embedder === null) {
    const reason = 'loading collections and warming the model'
    return { ready: false, reason, details: { writable } }
  }
  const { model, provider, maxBatch, sessions } = embedder
  const { name, fallbackReason: providerFallback } = provider
  const details = { writable, model, provider: name, providerFallback, maxBatch, sessions }
  const reason = writable ? null : 'the disk is full: only deletions are taken'
  return { ready: true, reason, details }
}

/** A model that stopped answering, or a device that hangs, is helped by a new process alone. */
function livenessOf({ models }: Service): string | null {
  const { silent } = models
  return silent.length === 0 ? null : `no answer from the model ${silent.join(', ')}`
}

/** The first signal stops the service in order; a second one, by its default, at once. */
function signalled(): Promise<string> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.once(signal, () => resolve(signal))
    }
    if (process.env.npm_command === undefined) return
    // The shell in which npm and npx run a command dies of a signal, and passes it on to nobody.
    const looking = setInterval(() => {
      if (process.ppid === PARENT) return
      clearInterval(looking)
      resolve('the end of npm')
    }, LOOK_AT_PARENT_MS)
    looking.unref()
  })
}
