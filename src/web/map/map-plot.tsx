import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import type { Collection } from '../api/contract.ts'
import type { LateDeletes } from '../collections/use-late-deletes.ts'
import { ErrorNote } from '../parts/note.tsx'
import { shownCount, texts } from '../texts/texts.ts'
import { belongsTo, colourBy, FAINT, HIDDEN, paletteOf } from './colours.ts'
import { InWords } from './in-words.tsx'
import { Legend } from './legend.tsx'
import type { MapData } from './map-data.ts'
import { allOf, type Marks, marksOf, type NamedMarks, neighboursOf, placesOf } from './marks.ts'
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
  const { ids, points, field, method } = map
  const { gone } = deletes
  const theme = useTheme()
  const stage = useRef<HTMLDivElement>(null)
  const [error, setError] = useState<Error | null>(null)
  const asked = useRef<AbortController | null>(null)
  // By id, so that they stay the same when the map is drawn anew.
  const [selected, setSelected] = useState<readonly string[]>([])
  const [focus, setFocus] = useState(marked && allOf(marked))
  const placeOf = useMemo(() => new Map(ids.map((id, i) => [id, i])), [ids])
  const hidden = useMemo(() => placesOf(gone, placeOf), [gone, placeOf])
  const coloured = useMemo(() => colourBy(field, ids.length, hidden), [field, ids, hidden])
  const marks = useMemo(() => marksOf(marked, placeOf, gone), [marked, placeOf, gone])
  const shown = useMemo(() => selected.filter((id) => !gone.has(id)), [selected, gone])
  const places = useMemo(() => placesOf(shown, placeOf), [shown, placeOf])
  const cloud = useMemo(() => {
    const palette = paletteOf(field, theme)
    return { points, palette, classes: classesOf(coloured.classes, places, marks) }
  }, [points, field, theme, coloured, places, marks])
  useEffect(() => () => asked.current?.abort(), [])
  const select = (found: readonly number[]) => setSelected(found.map((i) => ids[i]!))
  const pointOut = (found: NamedMarks | null) => {
    setSelected([])
    setFocus(found && allOf(found))
    onMark(found)
    // What was pressed is no longer there.
    stage.current?.focus({ preventScroll: true })
  }
  const findNeighbours = (id: string) => {
    setError(null)
    // Only what was asked last counts.
    asked.current?.abort()
    const now = new AbortController()
    asked.current = now
    neighboursOf(collection.name, id, now.signal).then(
      (found) => !now.signal.aborted && pointOut(found),
      (failed) => !now.signal.aborted && setError(failed),
    )
  }
  return (
    <>
      <div class="buttons">
        <span role="status">
          {marked && texts.map.near(shownCount(marks.near.length), shownCount(marked.near.length))}
        </span>
        {marked && (
          <button type="button" onClick={() => pointOut(null)}>
            {texts.map.forget}
          </button>
        )}
      </div>
      <ErrorNote error={error} />
      <Plot
        key={method}
        collection={collection.name}
        hasPictures={collection.keep !== 'none'}
        ids={ids}
        placeOf={placeOf}
        total={ids.length - hidden.length}
        cloud={cloud}
        marks={marks}
        focus={focus}
        stage={stage}
        onSelect={select}
      />
      <Legend
        entries={coloured.legend}
        palette={cloud.palette}
        onSelect={(entry) => {
          select([...ids.keys()].filter((i) => belongsTo(entry, coloured.classes[i]!)))
        }}
      />
      <InWords map={map} classes={coloured.classes} entries={coloured.legend} />
      <p role="status">{shown.length > 0 && texts.map.selected(shownCount(shown.length))}</p>
      {shown.length > 0 && (
        <Selection
          collection={collection}
          ids={shown}
          deletes={deletes}
          onNeighbours={findNeighbours}
          onFocus={() => setFocus([...shown])}
          onClear={() => {
            select([])
            stage.current?.focus({ preventScroll: true })
          }}
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
): Uint8Array {
  const before = selected.length > 0 ? selected : [...asked, ...near]
  if (before.length === 0) return own
  const classes = own.map((one) => (one === HIDDEN ? HIDDEN : FAINT))
  for (const i of before) classes[i] = own[i]!
  return classes
}
