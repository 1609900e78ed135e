import { useState } from 'preact/hooks'
import type { Collection, IdentifyAnswer } from '../api/contract.ts'
import { ask, collectionPath } from '../api/service.ts'
import { ErrorNote, Loading } from '../parts/note.tsx'
import { Picture } from '../parts/picture.tsx'
import { useAnswer } from '../parts/use-answer.ts'
import { linkTo } from '../route.ts'
import { QueryBox } from '../search/query-box.tsx'
import type { Subject } from '../search/subject.ts'
import { shownNumber, shownPercent, texts } from '../texts/texts.ts'
import { subjectQuery } from './subject-query.ts'

interface IdentifyProps {
  readonly collection: Collection
  /** Changes with the thresholds. */
  readonly calibrated: number
}

/** Who the subject of some pictures is, or that it is nobody who is stored. */
export function Identify({ collection: { name }, calibrated }: IdentifyProps) {
  const [views, setViews] = useState<readonly Subject[]>([])
  const { value, error, loading } = useAnswer(
    (signal) => (views.length === 0 ? null : identify(name, views, signal)),
    [views, calibrated],
  )
  return (
    <section class="part" aria-label={texts.people.identify}>
      <h2>{texts.people.identify}</h2>
      <QueryBox collection={name} more={views} less={[]} onMore={setViews} onLess={() => {}} />
      <ErrorNote error={error} />
      {loading && views.length > 0 && <Loading />}
      {value && (
        <>
          <p role="status">
            <strong class={value.decision === 'known' ? 'good' : ''}>{decisionOf(value)}</strong>
          </p>
          <ol class="grid">
            {value.candidates.map(({ identity, distance, probability, best }) => (
              <li key={`${typeof identity} ${identity}`}>
                {best[0] && (
                  <a href={linkTo('search', name, { more: JSON.stringify([best[0].id]) })}>
                    <Picture collection={name} id={best[0].id} />
                  </a>
                )}
                <p class="name">{String(identity)}</p>
                <p>
                  {texts.search.distance} {shownNumber(distance)}
                </p>
                {probability !== undefined && (
                  <p>{texts.people.probability(shownPercent(probability))}</p>
                )}
              </li>
            ))}
          </ol>
        </>
      )}
    </section>
  )
}

async function identify(
  collection: string,
  views: readonly Subject[],
  signal: AbortSignal,
): Promise<IdentifyAnswer> {
  const body = { query: await subjectQuery(views) }
  return await ask('POST', collectionPath(collection, '/identify'), { body, signal })
}

function decisionOf({ decision, identity, candidates }: IdentifyAnswer): string {
  const first = String(candidates[0]?.identity ?? '')
  switch (decision) {
    case 'known':
      return texts.people.known(String(identity))
    case 'doubtful':
      return texts.people.doubtful(first)
    case 'unknown':
      return texts.people.unknown
    case 'undecided':
      return texts.people.undecided
  }
}
