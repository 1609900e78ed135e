import type { TrainingDetails } from '../api/contract.ts'
import { shownNumber, texts } from '../texts/texts.ts'

type Test = NonNullable<TrainingDetails['report']>['test']

const ROWS = ['backbone', 'pca', 'head', 'winner'] as const

/** How well the backbone, its whitening, the head and what would be exported find classes that no training saw. */
export function ComparisonTable({ test }: { test: Test }) {
  return (
    <div class="scroll">
      <table>
        <caption>{texts.learning.comparison}</caption>
        <thead>
          <tr>
            <td />
            <th scope="col">Recall@1</th>
            <th scope="col">R-precision</th>
            <th scope="col">MAP@R</th>
            <th scope="col">{texts.learning.interval}</th>
            <th scope="col">mAP</th>
          </tr>
        </thead>
        <tbody>
          {ROWS.map((row) => (
            <tr key={row}>
              <th scope="row">{texts.learning.rows[row]}</th>
              <td>{shownNumber(test[row].recallAt1)}</td>
              <td>{shownNumber(test[row].rPrecision)}</td>
              <td>{shownNumber(test[row].mapAtR)}</td>
              <td>{test.intervals[row]?.map(shownNumber).join(' – ')}</td>
              <td>{shownNumber(test[row].map)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
