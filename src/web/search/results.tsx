import { useState } from 'preact/hooks'
import type { Collection, Match, SearchAnswer } from '../api/contract.ts'
import { Dialog } from '../parts/dialog.tsx'
import { Name } from '../parts/name.tsx'
import { Picture } from '../parts/picture.tsx'
import { shownNumber, texts } from '../texts/texts.ts'
import type { Subject } from './subject.ts'

interface ResultsProps {
  readonly collection: Collection
  readonly answer: SearchAnswer
  /** What is searched by first; it stands beside a result that is compared. */
  readonly first: Subject
  readonly onOnly: (id: string) => void
  readonly onMore: (id: string) => void
  readonly onLess: (id: string) => void
}

export function Results({ collection, answer, first, onOnly, onMore, onLess }: ResultsProps) {
  const [compared, setCompared] = useState<Match | null>(null)
  const { matches } = answer
  return (
    <>
      <ol class="grid">
        {matches.map((match) => (
          <li key={match.id}>
            <button
              type="button"
              class="picture"
              aria-label={`${texts.search.only}: ${match.id}`}
              onClick={() => onOnly(match.id)}
            >
              <Picture
                collection={collection.name}
                id={match.id}
                hasContent={collection.keep !== 'none'}
              />
            </button>
            <Name id={match.id} />
            <p>
              {texts.search.distance} {shownNumber(match.distance)}
            </p>
            <MetadataLine match={match} />
            <p class="buttons">
              <button type="button" onClick={() => onMore(match.id)}>
                {texts.search.more}
              </button>
              <button type="button" onClick={() => onLess(match.id)}>
                {texts.search.less}
              </button>
              <button type="button" onClick={() => setCompared(match)}>
                {texts.search.compare}
              </button>
            </p>
          </li>
        ))}
      </ol>
      {compared && (
        <Dialog title={texts.search.compareTitle} close={() => setCompared(null)}>
          <div class="compare">
            <figure>
              {first.kind === 'file' ? (
                <img src={first.url} alt={first.name} />
              ) : (
                <Picture collection={collection.name} id={first.id} />
              )}
              <figcaption>{first.kind === 'file' ? first.name : first.id}</figcaption>
            </figure>
            <figure>
              <Picture collection={collection.name} id={compared.id} />
              <figcaption>
                {compared.id}, {texts.search.distance} {shownNumber(compared.distance)}
              </figcaption>
            </figure>
          </div>
          <MetadataLine match={compared} />
        </Dialog>
      )}
    </>
  )
}

function MetadataLine({ match: { metadata = {} } }: { match: Match }) {
  const entries = Object.entries(metadata)
  if (entries.length === 0) return null
  return (
    <dl class="metadata">
      {entries.map(([field, value]) => (
        <div key={field}>
          <dt>{field}</dt>
          <dd>{typeof value === 'string' ? value : JSON.stringify(value)}</dd>
        </div>
      ))}
    </dl>
  )
}
