import type { Value } from '../api/contract.ts'
import { ask, collectionPath } from '../api/service.ts'
import { Picture } from '../parts/picture.tsx'
import { usePages } from '../parts/use-pages.ts'
import { shownPercent, texts } from '../texts/texts.ts'
import { PagedPart } from './paged-part.tsx'

interface Merge {
  readonly a: Value
  readonly b: Value
  readonly probability: number
  /** The records of the two that are nearest to each other. */
  readonly pair: readonly [string, string]
}

/** Identities that are probably one, to be made one or kept apart; `done` is called after each change. */
export function Suggestions({ collection, done }: { collection: string; done: () => void }) {
  const post = <Answer,>(call: string, body: object) =>
    ask<Answer>('POST', collectionPath(collection, `/identities/${call}`), { body })
  const pages = usePages(async (from) => {
    const answer = await post<{ merges: Merge[]; cursor: string | null }>('suggestions', from)
    return { items: answer.merges, cursor: answer.cursor }
  })
  const change = async (call: string, body: object) => {
    await post(call, body)
    done()
  }
  // Suggestions of one that is no more go with it.
  const join = ({ a, b }: Merge) =>
    pages.settle(
      () => change('merge', { into: a, from: [b] }),
      (one) => one.a === b || one.b === b,
    )
  const part = (merge: Merge) =>
    pages.settle(
      () => change('differ', { a: merge.a, b: merge.b }),
      (one) => one === merge,
    )
  const card = (merge: Merge) => {
    const { a, b, probability, pair } = merge
    return (
      <li key={pair.join('\n')}>
        <div class="compare">
          {pair.map((id, i) => (
            <figure key={id}>
              <Picture collection={collection} id={id} />
              <figcaption>{String(i === 0 ? a : b)}</figcaption>
            </figure>
          ))}
        </div>
        <p>{texts.people.probability(shownPercent(probability))}</p>
        <p class="buttons">
          <button type="button" onClick={() => join(merge)}>
            {texts.people.makeOne(String(a))}
          </button>
          <button type="button" onClick={() => part(merge)}>
            {texts.people.notTheSame}
          </button>
        </p>
      </li>
    )
  }
  return (
    <PagedPart
      pages={pages}
      title={texts.people.suggestions}
      find={texts.people.findSuggestions}
      more={texts.people.moreSuggestions}
      none={texts.people.noSuggestions}
      card={card}
    />
  )
}
