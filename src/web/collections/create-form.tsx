import { useState } from 'preact/hooks'
import { ask, collectionPath } from '../api/service.ts'
import { ErrorNote } from '../parts/note.tsx'
import { texts } from '../texts/texts.ts'

const KEEPS = ['thumbnail', 'original', 'none'] as const

export function CreateForm({ done }: { done: (name: string) => void }) {
  const [error, setError] = useState<Error | null>(null)
  const create = async (form: HTMLFormElement) => {
    const given = new FormData(form)
    const name = String(given.get('name')).trim()
    const identityField = String(given.get('identityField')).trim()
    const body = { keep: given.get('keep'), ...(identityField !== '' && { identityField }) }
    await ask('PUT', collectionPath(name), { body })
    done(name)
  }
  return (
    <form
      class="card"
      onSubmit={(event) => {
        event.preventDefault()
        create(event.currentTarget).catch(setError)
      }}
    >
      <h2>{texts.collections.create}</h2>
      <label>
        {texts.collections.name}{' '}
        <input
          name="name"
          required
          maxLength={128}
          pattern="[A-Za-z0-9][A-Za-z0-9._\-]*"
          title={texts.collections.nameRule}
        />
        <span class="hint">{texts.collections.nameRule}</span>
      </label>
      <label>
        {texts.collections.keep}{' '}
        <select name="keep">
          {KEEPS.map((keep) => (
            <option key={keep} value={keep}>
              {texts.collections.keeps[keep]}
            </option>
          ))}
        </select>
      </label>
      <label>
        {texts.collections.identityField} <input name="identityField" maxLength={256} />
      </label>
      <button type="submit">{texts.collections.made}</button>
      <ErrorNote error={error} />
    </form>
  )
}
