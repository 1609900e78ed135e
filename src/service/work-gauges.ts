import type { JobRunner } from '../collection/jobs/job-runner.ts'
import type { ImageEmbedder } from '../embedding/image-embedder.ts'
import type { Gauge } from '../http/metrics.ts'

/** Says which build runs: a value of 1 whose labels are the facts, as Prometheus has them. */
export function buildGauge(version: string): Gauge {
  const { arch, platform, versions } = process
  const facts = { version, node: versions.node, platform: `${platform}-${arch}` }
  return {
    name: 'lookalike_build_info',
    help: 'The version of the service, that of Node, and what they run on; always 1.',
    labels: Object.keys(facts),
    read: () => [{ labels: facts, value: 1 }],
  }
}

/** Lists the numbers of what the service does for long: images and jobs. */
export function workGauges(
  images: Pick<ImageEmbedder, 'embedded'>,
  jobs: Pick<JobRunner, 'unfinished' | 'tally'>,
): readonly Gauge[] {
  return [
    {
      name: 'lookalike_images_embedded_total',
      help: 'Images that were decoded and embedded, for searches and to be stored.',
      kind: 'counter',
      labels: ['for'],
      read: () => [
        { labels: { for: 'search' }, value: images.embedded.search },
        { labels: { for: 'storage' }, value: images.embedded.bulk },
      ],
    },
    {
      name: 'lookalike_jobs',
      help: 'Jobs that have not ended.',
      labels: ['state'],
      read: () =>
        (['queued', 'running'] as const).map((state) => {
          return { labels: { state }, value: jobs.unfinished[state] }
        }),
    },
    {
      name: 'lookalike_jobs_ended_total',
      help: 'Jobs that have ended since the start of the service.',
      kind: 'counter',
      labels: ['kind', 'state'],
      read: () =>
        jobs.tally.ended.map(({ kind, state, count }) => ({
          labels: { kind, state },
          value: count,
        })),
    },
  ]
}
