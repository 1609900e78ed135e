import type { SearchAnswer } from '../collection/requests.ts'
import { textTable } from '../text-table.ts'

/** The nearest first, a row each; a line says when there is more. */
export function answerTable(answer: SearchAnswer): string {
  const table = textTable(
    [
      { title: 'rank', align: 'right' },
      { title: 'id', align: 'left' },
      { title: 'label', align: 'left' },
      { title: 'distance', align: 'right' },
      { title: 'similarity', align: 'right' },
    ],
    answer.matches.map(({ id, distance, similarity, metadata }, i) => [
      ...[String(i + 1), id, labelText(metadata?.label)],
      ...[distance.toFixed(4), similarity === undefined ? '-' : similarity.toFixed(4)],
    ]),
  )
  return answer.complete ? table : `${table}and more: the answer was cut here\n`
}

/** The metadata `label`, whatever it is. */
export function labelText(label: unknown): string {
  if (label === undefined) return '-'
  return typeof label === 'string' ? label : JSON.stringify(label)
}
