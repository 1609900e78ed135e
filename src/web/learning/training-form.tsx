import { useState } from 'preact/hooks'
import type { Collection, Job } from '../api/contract.ts'
import { ask } from '../api/service.ts'
import { ErrorNote } from '../parts/note.tsx'
import { texts } from '../texts/texts.ts'

const OBJECTIVES = [
  'multi-similarity',
  'margin',
  'triplet',
  'contrastive',
  'lifted',
  'am-softmax',
] as const

interface TrainingFormProps {
  readonly collection: Collection
  readonly started: (job: Job) => void
}

export function TrainingForm({ collection, started }: TrainingFormProps) {
  const [error, setError] = useState<Error | null>(null)
  const train = async (form: HTMLFormElement) => {
    const given = new FormData(form)
    const body = {
      name: String(given.get('name')).trim(),
      collection: collection.name,
      field: String(given.get('field')).trim(),
      objective: given.get('objective'),
      steps: Number(given.get('steps')),
    }
    started(await ask<Job>('POST', '/v1/trainings', { body }))
  }
  return (
    <form
      class="card"
      onSubmit={(event) => {
        event.preventDefault()
        setError(null)
        train(event.currentTarget).catch(setError)
      }}
    >
      <label>
        {texts.learning.name} <input name="name" required maxLength={128} />
      </label>
      <label>
        {texts.learning.field}{' '}
        <input name="field" required defaultValue={collection.identityField ?? 'label'} />
      </label>
      <label>
        {texts.learning.objective}{' '}
        <select name="objective">
          {OBJECTIVES.map((objective) => (
            <option key={objective} value={objective}>
              {objective}
            </option>
          ))}
        </select>
      </label>
      <label>
        {texts.learning.steps}{' '}
        <input name="steps" type="number" min={1} max={10_000} defaultValue="200" />
      </label>
      <button type="submit">{texts.learning.start}</button>
      <ErrorNote error={error} />
    </form>
  )
}
