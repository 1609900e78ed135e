import { useEffect, useMemo, useState } from 'preact/hooks'
import type { Collection } from '../api/contract.ts'
import { UndoDelete } from '../collections/undo-delete.tsx'
import { useLateDeletes } from '../collections/use-late-deletes.ts'
import { ErrorNote } from '../parts/note.tsx'
import { useAnswer } from '../parts/use-answer.ts'
import { linkTo, type Route, replaceRoute } from '../route.ts'
import { shownCount, texts } from '../texts/texts.ts'
import { loadMap } from './map-data.ts'
import { MapPlot } from './map-plot.tsx'
import { namedMarks } from './marks.ts'

interface PanelProps {
  readonly collection: Collection
  readonly parameters: Route['parameters']
}

/** The map of one collection, once it is there. */
export function MapPanel({ collection, parameters }: PanelProps) {
  const { name, fields, identityField, count } = collection
  const [field, setField] = useState(parameters.field ?? identityField ?? fields[0] ?? '')
  const [turn, setTurn] = useState(0)
  const [marked, setMarked] = useState(() => namedMarks(parameters.of, parameters.near))
  // Here, since the map may be drawn anew.
  const deletes = useLateDeletes(name)
  const again = () => setTurn((now) => now + 1)
  const { value, error, loading } = useAnswer(
    (signal) => (count === 0 ? null : loadMap(name, field === '' ? null : field, signal)),
    [name, field, turn],
  )
  useEffect(() => {
    replaceRoute(
      linkTo('map', name, { field, of: listed(marked?.asked), near: listed(marked?.near) }),
    )
  }, [field, marked])
  const known = useMemo(() => [...new Set([identityField, ...fields])], [collection])
  if (count === 0) {
    return (
      <p>
        {texts.map.empty} <a href={linkTo('collections', name)}>{texts.map.fill}</a>
      </p>
    )
  }
  return (
    <>
      <p class="buttons">
        <label>
          {texts.map.field}{' '}
          <input
            list="map-fields"
            value={field}
            maxLength={256}
            onChange={(event) => setField(event.currentTarget.value.trim())}
          />
        </label>
        <datalist id="map-fields">
          {known.map((one) => one !== null && <option key={one} value={one} />)}
        </datalist>
        <button type="button" onClick={again}>
          {texts.map.again}
        </button>
      </p>
      <ErrorNote error={error} again={again} />
      {loading && <p role="status">{texts.map.loading}</p>}
      {value && value.ids.length > 0 && (
        <>
          {!value.complete && (
            <p>{texts.map.drawn(shownCount(value.ids.length), shownCount(value.of))}</p>
          )}
          {value.plane.changes > 0 && <p>{texts.map.changed(shownCount(value.plane.changes))}</p>}
          <MapPlot
            collection={collection}
            map={value}
            deletes={deletes}
            marked={marked}
            onMark={setMarked}
          />
        </>
      )}
      <UndoDelete deletes={deletes} />
    </>
  )
}

function listed(ids: readonly string[] | undefined): string | undefined {
  return ids === undefined || ids.length === 0 ? undefined : JSON.stringify(ids)
}
