import { useMemo } from 'preact/hooks'
import { shownCount, shownNumber, texts } from '../texts/texts.ts'
import { belongsTo, HIDDEN, type LegendEntry } from './colours.ts'
import { nameOf } from './legend.tsx'
import type { MapData } from './map-data.ts'
import { viewOfAll } from './view.ts'

interface InWordsProps {
  readonly map: MapData
  readonly classes: Uint8Array
  readonly entries: readonly LegendEntry[]
}

/** What the map shows, for those who do not see it: how much of the differences it has, and where each value lies. */
export function InWords({ map, classes, entries }: InWordsProps) {
  const where = useMemo(() => entries.map((entry) => middleOf(map, classes, entry)), [map, classes])
  const [across, up] = map.plane.shares.map((share) => shownNumber(Math.round(share * 1000) / 10))
  return (
    <details>
      <summary>{texts.map.inWords}</summary>
      <p>{map.method === 'pca' ? texts.map.shares(across!, up!) : texts.map.byNeighbours}</p>
      {entries.length > 0 && (
        <div class="scroll">
          <table>
            <thead>
              <tr>
                <th scope="col">{map.field?.name}</th>
                <th scope="col">{texts.collections.records}</th>
                <th scope="col">{texts.map.where}</th>
              </tr>
            </thead>
            <tbody>
              {entries.map((entry, i) => (
                <tr key={entry.colour}>
                  <th scope="row">{nameOf(entry)}</th>
                  <td>{shownCount(entry.count)}</td>
                  <td>{where[i]}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </details>
  )
}

/** Names the ninth of the map in which the middle of the points of an entry is. */
function middleOf({ points }: MapData, classes: Uint8Array, entry: LegendEntry): string {
  // Of a square of one pixel: the places are shares of the map.
  const all = viewOfAll(points, { width: 1, height: 1 })
  let [x, y, count] = [0, 0, 0]
  for (let i = 0; i < classes.length; i++) {
    if (classes[i] === HIDDEN || !belongsTo(entry, classes[i]!)) continue
    x += points[2 * i]!
    y += points[2 * i + 1]!
    count++
  }
  if (count === 0) return '–'
  const third = (value: number) => (value < -1 / 6 ? 0 : value > 1 / 6 ? 2 : 1)
  const column = third((x / count - all.x) * all.scale)
  const row = third((all.y - y / count) * all.scale)
  return texts.map.places[row]![column]!
}
