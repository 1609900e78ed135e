import { useState } from 'preact/hooks'
import type { Examples, Job } from '../api/contract.ts'
import { askForKey } from '../api/key.ts'
import { ask } from '../api/service.ts'
import { ErrorNote, Loading } from '../parts/note.tsx'
import { linkTo } from '../route.ts'
import { shownCount, texts } from '../texts/texts.ts'
import { useExamples } from './use-examples.ts'

interface WelcomeProps {
  /** Whether it leads to where a collection for own pictures is made: not where it is shown there. */
  readonly leadsOn?: boolean
}

/** What is shown where nothing is stored: the shipped pictures to try the service with, and how to begin with own ones. */
export function Welcome({ leadsOn = true }: WelcomeProps) {
  const { value: examples, error } = useExamples()
  if (examples === null) return error === null ? <Loading /> : <ErrorNote error={error} />
  if (!examples.mayAdd && examples.pictures > 0) return <MayOnlyRead />
  return (
    <ul class="cards">
      {examples.pictures > 0 && (
        <li>
          <ExamplesOffer examples={examples} />
        </li>
      )}
      {leadsOn && (
        <li>
          <h2>{texts.welcome.own}</h2>
          <p>{texts.welcome.ownExplain}</p>
          <a class="button" href={linkTo('collections')}>
            {texts.collections.create}
          </a>
        </li>
      )}
    </ul>
  )
}

function ExamplesOffer({ examples: { pictures } }: { examples: Examples }) {
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<Error | null>(null)
  const add = async () => {
    setBusy(true)
    setError(null)
    try {
      const { id } = await ask<Job>('POST', '/v1/examples')
      location.assign(linkTo('welcome', null, { job: id }))
    } catch (thrown) {
      setError(thrown as Error)
      setBusy(false)
    }
  }
  return (
    <>
      <h2>{texts.welcome.examples}</h2>
      <p>{texts.welcome.examplesExplain(shownCount(pictures))}</p>
      <p class="credits">{texts.welcome.credits}</p>
      <button type="button" class="main" disabled={busy} onClick={add}>
        {texts.welcome.add}
      </button>
      <ErrorNote error={error} />
    </>
  )
}

function MayOnlyRead() {
  return (
    <>
      <p>{texts.welcome.mayOnlyRead}</p>
      <button type="button" onClick={askForKey}>
        {texts.welcome.otherKey}
      </button>
    </>
  )
}
