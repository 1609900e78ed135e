import { useMemo, useState } from 'preact/hooks'
import type { Collection } from '../api/contract.ts'
import type { LateDeletes } from '../collections/use-late-deletes.ts'
import { ErrorNote } from '../parts/note.tsx'
import { shownCount, texts } from '../texts/texts.ts'
import { belongsTo, colourBy, FAINT, HIDDEN, paletteOf } from './colours.ts'
import { InWords } from './in-words.tsx'
import { Legend } from './legend.tsx'
import type { MapData } from './map-data.ts'
import { type Marks, marksOf, type NamedMarks, neighboursOf, placesOf } from './marks.ts'
import { Plot } from './plot.tsx'
import { Selection } from './selection.tsx'
import { useTheme } from './use-stage.ts'

interface MapPlotProps {
  readonly collection: Collection
  readonly map: MapData
  readonly deletes: LateDeletes
  readonly marked: NamedMarks | null
  readonly onMark: (marks: NamedMarks | null) => void
}

/** The points with their colours, what is selected of them, and what is pointed out. */
export function MapPlot({ collection, map, deletes, marked, onMark }: MapPlotProps) {
  const { ids, points, field } = map
  const theme = useTheme()
  const [error, setError] = useState<Error | null>(null)
  // By id, so that they stay the same when the map is drawn anew.
  const [selected, setSelected] = useState<readonly string[]>([])
  const [isClose, setClose] = useState(false)
  const placeOf = useMemo(() => new Map(ids.map((id, i) => [id, i])), [ids])
  const coloured = useMemo(() => colourBy(field, ids.length), [field, ids])
  const marks = useMemo(() => marksOf(marked, placeOf), [marked, placeOf])
  const shown = useMemo(
    () => selected.filter((id) => !deletes.gone.has(id)),
    [selected, deletes.gone],
  )
  const places = useMemo(() => placesOf(shown, placeOf), [shown, placeOf])
  const cloud = useMemo(() => {
    const palette = paletteOf(field, theme)
    const hidden = placesOf(deletes.gone, placeOf)
    return { points, palette, classes: classesOf(coloured.classes, places, marks, hidden) }
  }, [points, field, theme, coloured, places, marks, deletes.gone, placeOf])
  const focus = useMemo(() => {
    if (isClose) return places
    return marked === null ? null : [...marks.asked, ...marks.near]
  }, [isClose, isClose && places, marked, marks])
  const select = (found: readonly number[]) => {
    setClose(false)
    setSelected(found.map((i) => ids[i]!))
  }
  return (
    <>
      {marked !== null && (
        <p class="buttons" role="status">
          {texts.map.near(shownCount(marks.near.length), shownCount(marked.near.length))}
          <button type="button" onClick={() => onMark(null)}>
            {texts.map.forget}
          </button>
        </p>
      )}
      <ErrorNote error={error} />
      <Plot
        collection={collection.name}
        hasPictures={collection.keep !== 'none'}
        ids={ids}
        cloud={cloud}
        marks={marks}
        focus={focus}
        onSelect={select}
      />
      <Legend
        entries={coloured.legend}
        palette={cloud.palette}
        onSelect={(entry) => {
          const own = [...ids.keys()].filter((i) => belongsTo(entry, coloured.classes[i]!))
          select(own.filter((i) => cloud.classes[i] !== HIDDEN))
        }}
      />
      <InWords map={map} classes={coloured.classes} entries={coloured.legend} />
      {shown.length > 0 && (
        <Selection
          collection={collection}
          ids={shown}
          deletes={deletes}
          onNeighbours={(id) => {
            setError(null)
            neighboursOf(collection.name, id).then((found) => {
              setSelected([])
              setClose(false)
              onMark(found)
            }, setError)
          }}
          onFocus={() => setClose(true)}
          onClear={() => select([])}
        />
      )}
    </>
  )
}

/** What is selected, else what is pointed out, stands before the rest. */
function classesOf(
  own: Uint8Array,
  selected: readonly number[],
  { asked, near }: Marks,
  hidden: readonly number[],
): Uint8Array {
  const before = selected.length > 0 ? selected : [...asked, ...near]
  const classes = before.length === 0 ? own.slice() : new Uint8Array(own.length).fill(FAINT)
  for (const i of before) classes[i] = own[i]!
  for (const i of hidden) classes[i] = HIDDEN
  return classes
}
