import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Median milliseconds of one query, and of one query of a batch, on one thread. */
export interface FaissTimes {
  readonly version: string
  readonly one: number
  readonly batch: number
}

const SCRIPT = `
import json, sys, time
import faiss, numpy
folder, dimensions, k, batch = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
faiss.omp_set_num_threads(1)
read = lambda name: numpy.fromfile(folder + name, dtype='float32').reshape(-1, dimensions)
index = faiss.IndexFlatL2(dimensions)
index.add(read('/vectors'))
queries = read('/queries')
def median(size):
    times = []
    for _ in range(3):
        for i in range(0, len(queries) - size + 1, size):
            started = time.perf_counter()
            index.search(queries[i:i + size], k)
            times.append((time.perf_counter() - started) * 1000 / size)
    return float(numpy.median(times))
print(json.dumps({'version': faiss.__version__, 'one': median(1), 'batch': median(batch)}))
`

/**
 * Measures the exact search of faiss, which is no part of the project.
 *
 * @param python the interpreter of an environment that has faiss-cpu and numpy.
 */
export function measureFaiss(
  python: string,
  vectors: Float32Array,
  queries: Float32Array,
  { dimensions, k, batch }: { dimensions: number; k: number; batch: number },
): FaissTimes {
  const folder = mkdtempSync(join(tmpdir(), 'lookalike-faiss-'))
  try {
    writeFileSync(join(folder, 'vectors'), vectors)
    writeFileSync(join(folder, 'queries'), queries)
    const args = ['-c', SCRIPT, folder, ...[dimensions, k, batch].map(String)]
    const { status, stdout, stderr, error } = spawnSync(python, args, { encoding: 'utf8' })
    if (status !== 0) throw new Error(`faiss failed: ${error?.message ?? stderr}`)
    return JSON.parse(stdout) as FaissTimes
  } finally {
    rmSync(folder, { recursive: true })
  }
}
