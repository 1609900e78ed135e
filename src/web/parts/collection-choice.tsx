import { useEffect } from 'preact/hooks'
import type { Collection } from '../api/contract.ts'
import { ask } from '../api/service.ts'
import { linkTo, type ViewName } from '../route.ts'
import { shownCount, texts } from '../texts/texts.ts'
import { Welcome } from '../welcome/welcome.tsx'
import { type Answer, useAnswer } from './use-answer.ts'

export function useCollections(changed = 0): Answer<readonly Collection[]> {
  return useAnswer(
    async (signal) =>
      (await ask<{ collections: Collection[] }>('GET', '/v1/collections', { signal })).collections,
    [changed],
  )
}

interface ChoiceProps {
  readonly collections: readonly Collection[]
  readonly chosen: string | null
  readonly view: ViewName
}

/** Lets one collection be chosen; the first is, where none was. */
export function CollectionChoice({ collections, chosen, view }: ChoiceProps) {
  const first = collections[0]?.name
  useEffect(() => {
    if (chosen === null && first !== undefined) location.replace(linkTo(view, first))
  }, [chosen, first])
  if (first === undefined) {
    return (
      <>
        <p>{texts.collection.none}</p>
        <Welcome />
      </>
    )
  }
  return (
    <label>
      {texts.collection.choose}{' '}
      <select
        value={chosen ?? first}
        onChange={(event) => location.assign(linkTo(view, event.currentTarget.value))}
      >
        {collections.map(({ name, count }) => (
          <option key={name} value={name}>
            {name} ({texts.collection.count(shownCount(count))})
          </option>
        ))}
      </select>
    </label>
  )
}
