import {
  Counter,
  collectDefaultMetrics,
  Histogram,
  Gauge as PrometheusGauge,
  Registry,
} from 'prom-client'
import type { SearchAnswer } from '../collection/requests.ts'
import type { App } from './call.ts'

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

/** A number that another part of the service shows: the images in a queue, a measured recall. */
export interface Gauge {
  /** Prometheus name with its unit, `lookalike_embedding_queue_images`. */
  readonly name: string
  readonly help: string
  /** A counter only grows, until the next start. A gauge unless given. */
  readonly kind?: 'gauge' | 'counter'
  /** The names of the labels of its values; none for a single value. */
  readonly labels?: readonly string[]
  readonly read: () => number | readonly LabelledValue[]
}

interface LabelledValue {
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

export type Metrics = ReturnType<typeof createMetrics>

/** Makes the metrics. Labels have few values: route patterns, never paths, and no collection names. */
export function createMetrics(app: App, gauges: readonly Gauge[]) {
  const registry = new Registry()
  const registers = [registry]
  collectDefaultMetrics({ register: registry })
  registerRequestMetrics(app, registry)
  const stages = new Histogram({
    name: 'lookalike_search_stage_seconds',
    help: 'Time of one search in each stage; decode and embed only where an image was given.',
    labelNames: ['stage'],
    buckets: SECONDS,
    registers,
  })
  const wrongKeys = new Counter({
    name: 'lookalike_http_wrong_keys_total',
    help: 'Requests with a key that is not known.',
    registers,
  })
  for (const { name, help, kind, labels = [], read } of gauges) {
    const options = {
      name,
      help,
      labelNames: [...labels],
      registers,
      collect(this: PrometheusGauge | Counter) {
        const values = read()
        this.reset()
        if (typeof values === 'number') this.inc(values)
        else for (const { labels, value } of values) this.inc(labels, value)
      },
    }
    if (kind === 'counter') new Counter(options)
    else new PrometheusGauge(options)
  }
  return {
    contentType: registry.contentType,
    text: () => registry.metrics(),
    onWrongKey: () => wrongKeys.inc(),
    observeSearch({ decodeMs, embedMs, searchMs }: SearchAnswer['timings']) {
      if (decodeMs > 0) stages.observe({ stage: 'decode' }, decodeMs / 1000)
      if (embedMs > 0) stages.observe({ stage: 'embed' }, embedMs / 1000)
      stages.observe({ stage: 'search' }, searchMs / 1000)
    },
  }
}

function registerRequestMetrics(app: App, registry: Registry): void {
  const registers = [registry]
  const durations = new Histogram({
    name: 'lookalike_http_request_duration_seconds',
    help: 'From the head of a request to the end of its answer; status "none" when the client hung up.',
    labelNames: ['route', 'method', 'status'],
    buckets: SECONDS,
    registers,
  })
  const inFlight = new PrometheusGauge({
    name: 'lookalike_http_requests_in_flight',
    help: 'Requests that wait for their answer.',
    registers,
  })
  app.addHook('onRequest', (request, reply, done) => {
    const started = performance.now()
    inFlight.inc()
    reply.raw.once('close', () => {
      inFlight.dec()
      const { headersSent, statusCode } = reply.raw
      durations.observe(
        {
          route: request.routeOptions.url ?? 'unmatched',
          method: request.method,
          status: headersSent ? `${Math.floor(statusCode / 100)}xx` : 'none',
        },
        (performance.now() - started) / 1000,
      )
    })
    done()
  })
}
