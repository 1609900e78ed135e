import type { Collection } from '../api/contract.ts'
import { shownBytes, shownCount, shownNumber, texts } from '../texts/texts.ts'

/** Count, memory, index and live recall of a collection. */
export function Status({ collection }: { collection: Collection }) {
  const { count, bytes, model, plan, recall } = collection
  const measured = recall.find(({ filter }) => filter === 'all')
  return (
    <dl class="facts">
      <dt>{texts.collections.records}</dt>
      <dd>{shownCount(count)}</dd>
      <dt>{texts.collections.memory}</dt>
      <dd>{shownBytes(bytes.memory)}</dd>
      <dt>{texts.collections.disk}</dt>
      <dd>{shownBytes(bytes.disk)}</dd>
      <dt>{texts.collections.model}</dt>
      <dd>{model ?? '–'}</dd>
      <dt>{texts.collections.index}</dt>
      <dd>{plan}</dd>
      {measured && (
        <>
          <dt>{texts.collections.recall}</dt>
          <dd>
            {shownNumber(measured.recall)} ({shownNumber(measured.low)} –{' '}
            {shownNumber(measured.high)})
          </dd>
        </>
      )}
    </dl>
  )
}
