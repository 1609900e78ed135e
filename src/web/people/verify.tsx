import { useState } from 'preact/hooks'
import type { VerifyAnswer } from '../api/contract.ts'
import { ask, collectionPath } from '../api/service.ts'
import { ErrorNote } from '../parts/note.tsx'
import { useAnswer } from '../parts/use-answer.ts'
import { QueryBox } from '../search/query-box.tsx'
import type { Subject } from '../search/subject.ts'
import { shownNumber, shownPercent, texts } from '../texts/texts.ts'
import { subjectQuery } from './subject-query.ts'

/** Whether two subjects are the same, with the threshold and its error rates. */
export function Verify({ collection, calibrated }: { collection: string; calibrated: number }) {
  const [a, setA] = useState<readonly Subject[]>([])
  const [b, setB] = useState<readonly Subject[]>([])
  const { value, error } = useAnswer(
    (signal) => (a.length === 0 || b.length === 0 ? null : verify(collection, a, b, signal)),
    [a, b, calibrated],
  )
  return (
    <section class="part" aria-label={texts.people.verify}>
      <h2>{texts.people.verify}</h2>
      <div class="compare">
        <QueryBox collection={collection} more={a} less={[]} onMore={setA} onLess={() => {}} />
        <QueryBox collection={collection} more={b} less={[]} onMore={setB} onLess={() => {}} />
      </div>
      <ErrorNote error={error} />
      {value && <Verdict answer={value} />}
    </section>
  )
}

function Verdict({ answer }: { answer: VerifyAnswer }) {
  const { same, distance, threshold, probability, falseMatchRate, falseNonMatchRate } = answer
  const verdict =
    same === null ? texts.people.undecided : same ? texts.people.same : texts.people.different
  return (
    <div role="status">
      <p>
        <strong class={same ? 'good' : ''}>{verdict}</strong>
      </p>
      <p>
        {texts.search.distance} {shownNumber(distance)}
        {threshold !== null && `, ${texts.people.threshold} ${shownNumber(threshold)}`}
      </p>
      {probability !== null && <p>{texts.people.probability(shownPercent(probability))}</p>}
      {falseMatchRate !== null && falseNonMatchRate !== null && (
        <p>{texts.people.errors(shownPercent(falseMatchRate), shownPercent(falseNonMatchRate))}</p>
      )}
    </div>
  )
}

async function verify(
  collection: string,
  a: readonly Subject[],
  b: readonly Subject[],
  signal: AbortSignal,
): Promise<VerifyAnswer> {
  const body = { a: await subjectQuery(a), b: await subjectQuery(b) }
  return await ask('POST', collectionPath(collection, '/verify'), { body, signal })
}
