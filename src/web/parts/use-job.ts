import { useEffect, useState } from 'preact/hooks'
import type { Job } from '../api/contract.ts'
import { watchJob } from '../api/jobs.ts'

/** A job as it goes; null before it is there, and where there is none. */
export function useJob(id: string | null): { job: Job | null; error: Error | null } {
  const [job, setJob] = useState<Job | null>(null)
  const [error, setError] = useState<Error | null>(null)
  useEffect(() => {
    setJob(null)
    setError(null)
    if (id === null) return
    const gone = new AbortController()
    const watch = async () => {
      for await (const now of watchJob(id, gone.signal)) setJob(now)
    }
    watch().catch((thrown) => {
      if (!gone.signal.aborted) setError(thrown)
    })
    return () => gone.abort()
  }, [id])
  return { job, error }
}
