import type { Command } from 'commander'
import { isFinished } from '../../collection/jobs/job.ts'
import { left, plainLines, right, textTable } from '../../text-table.ts'
import { withRetries } from '../backend/backend.ts'
import { addBackendOptions, type BackendOptions, withContract } from '../backend/backend-options.ts'
import type { HttpClient } from '../backend/http-client.ts'
import { EXIT, notify, printResult } from '../terminal.ts'
import { followJob, type JobReport } from './follow-job.ts'

interface JobOptions extends BackendOptions {
  readonly json?: true
}

interface ListOptions extends JobOptions {
  readonly collection?: string
}

const NEVER = new AbortController().signal

export function addJobsCommand(program: Command): void {
  const jobs = program
    .command('jobs')
    .summary('list, show, await and cancel jobs')
    .description(
      'Imports, trainings, calibrations and the like are jobs of a service. docs/jobs.md explains them.',
    )
  const list = jobs.command('list').description('Lists the jobs, the newest first.')
  addBackendOptions(
    list
      .option('--collection <name>', 'only of this collection')
      .option('--json', 'print them as JSON'),
  ).action(listJobs)
  const actions = [
    ['show', 'Shows one job.', 'read', showJob],
    [
      'wait',
      'Waits until a job has ended. Exit status 1 where it failed or was cancelled, 3 where it refused some.',
      'read',
      awaitJob,
    ],
    ['cancel', 'Cancels a job, and waits until it has stopped.', 'write', cancelJob],
  ] as const
  for (const [name, about, scope, work] of actions) {
    const command = jobs
      .command(name)
      .description(about)
      .argument('<id>', 'of the job')
      .option('--json', 'print it as JSON')
    addBackendOptions(command).action((id: string, options: JobOptions) =>
      withContract(options, { scope }, async ({ client, isService }) => {
        const job = await work(client, id, isService)
        printResult(options.json, job, () => jobText(job))
      }),
    )
  }
}

async function listJobs(options: ListOptions): Promise<void> {
  const { collection, json } = options
  const query = collection === undefined ? {} : { collection }
  await withContract(options, { scope: 'read' }, async ({ client }) => {
    const call = { method: 'GET', path: ['v1', 'jobs'], query } as const
    const jobs = await withRetries(() => client.list<JobReport>('jobs', 'progress', call))
    printResult(json, { jobs }, () => tableOf(jobs))
  })
}

async function showJob(client: HttpClient, id: string): Promise<JobReport> {
  const call = { method: 'GET', path: ['v1', 'jobs', id] } as const
  return await withRetries(() => client.ask<JobReport>('progress', call))
}

async function awaitJob(client: HttpClient, id: string, isService: boolean): Promise<JobReport> {
  const found = await showJob(client, id)
  if (!isService && !isFinished(found)) {
    notify('no service runs on this data folder: the job goes on when one does')
    process.exitCode = EXIT.failed
    return found
  }
  const job = await followJob(client, found, NEVER)
  if (job.state !== 'succeeded') process.exitCode = EXIT.failed
  else if (job.failures.length > 0) process.exitCode = EXIT.someRefused
  return job
}

async function cancelJob(client: HttpClient, id: string): Promise<JobReport> {
  const call = { method: 'DELETE', path: ['v1', 'jobs', id] } as const
  return await withRetries(() => client.ask<JobReport>('progress', call))
}

function tableOf(jobs: readonly JobReport[]): string {
  return textTable({
    columns: [
      left('id'),
      left('kind'),
      left('collection'),
      left('state'),
      right('done'),
      left('created'),
    ],
    rows: jobs.map(({ id, kind, collection, state, progress, createdAt }) => {
      return [id, kind, collection ?? '-', state, doneOf(progress), createdAt]
    }),
  })
}

/** Writes what became of a job, with what it refused. */
export function jobText({
  id,
  kind,
  about,
  state,
  progress,
  failures,
  failuresOmitted,
  error,
}: JobReport): string {
  const counts = Object.entries(progress.counts).map(([name, count]) => `${count} ${name}`)
  const lines = [
    `${id}: ${kind} ${about}, ${state}, ${doneOf(progress)} done${counts.length > 0 ? ` (${counts.join(', ')})` : ''}`,
    ...failures.map(({ item, code, detail }) => `refused ${item}: ${detail} (${code})`),
    ...(failuresOmitted > 0 ? [`and ${failuresOmitted} more`] : []),
    ...(error === null ? [] : [`failed: ${error.detail} (${error.code})`]),
  ]
  return plainLines(`${lines.join('\n')}\n`)
}

function doneOf({ done, total }: JobReport['progress']): string {
  return total === null ? String(done) : `${done} of ${total}`
}
