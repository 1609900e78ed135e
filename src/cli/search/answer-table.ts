import type { SearchAnswer } from '../../collection/requests.ts'
import { left, right, textTable } from '../../text-table.ts'

/** Writes a row for each match, the nearest first, and a line when there are more. */
export function answerTable(answer: SearchAnswer): string {
  const table = textTable({
    columns: [right('rank'), left('id'), left('label'), right('distance'), right('similarity')],
    rows: answer.matches.map(({ id, distance, similarity, metadata }, i) => [
      String(i + 1),
      id,
      labelText(metadata?.label),
      distance.toFixed(4),
      similarity === undefined ? '-' : similarity.toFixed(4),
    ]),
  })
  return answer.complete ? table : `${table}and more: the answer was cut here\n`
}

/** Writes the metadata `label`, whatever it is. */
export function labelText(label: unknown): string {
  if (label === undefined) return '-'
  return typeof label === 'string' ? label : JSON.stringify(label)
}
