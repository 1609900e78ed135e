import { useEffect, useMemo, useState } from 'preact/hooks'
import type { Collection, MapMethod } from '../api/contract.ts'
import { ServiceError } from '../api/service.ts'
import { UndoDelete } from '../collections/undo-delete.tsx'
import { useLateDeletes } from '../collections/use-late-deletes.ts'
import { linkOfIds } from '../ids-in-link.ts'
import { ErrorNote } from '../parts/note.tsx'
import { useAnswer } from '../parts/use-answer.ts'
import { linkTo, type Route, replaceRoute } from '../route.ts'
import { shownCount, shownTime, texts } from '../texts/texts.ts'
import { LayOut } from './lay-out.tsx'
import { loadMap, type MapData } from './map-data.ts'
import { MapPlot } from './map-plot.tsx'
import { namedMarks } from './marks.ts'

interface PanelProps {
  readonly collection: Collection
  readonly parameters: Route['parameters']
}

const METHODS = ['pca', 'umap'] as const

/** The map of one collection, once it is there. */
export function MapPanel({ collection, parameters }: PanelProps) {
  const { name, fields, identityField, count } = collection
  const [field, setField] = useState(() => {
    if (parameters.plain !== undefined) return ''
    return parameters.field ?? identityField ?? fields[0] ?? ''
  })
  const [method, setMethod] = useState<MapMethod>(parameters.method === 'umap' ? 'umap' : 'pca')
  const [turn, setTurn] = useState(0)
  const [marked, setMarked] = useState(() => namedMarks(parameters.of, parameters.near))
  // Here, since the map may be drawn anew.
  const deletes = useLateDeletes(name)
  const again = () => setTurn((now) => now + 1)
  const { value, error, loading } = useAnswer(
    (signal) => (count === 0 ? null : loadMap(name, method, field === '' ? null : field, signal)),
    [name, method, field, turn],
  )
  useEffect(() => {
    replaceRoute(
      linkTo('map', name, {
        method,
        field,
        // Without a field, the identity field would be taken.
        plain: field === '' ? '1' : undefined,
        of: linkOfIds(marked?.asked),
        near: linkOfIds(marked?.near),
      }),
    )
  }, [method, field, marked])
  const known = useMemo(() => [...new Set([identityField, ...fields])], [collection])
  const isOfMethod = value !== null && value.method === method
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
          {texts.map.method}{' '}
          <select
            value={method}
            onChange={(event) => setMethod(event.currentTarget.value as MapMethod)}
          >
            {METHODS.map((one) => (
              <option key={one} value={one}>
                {texts.map.methods[one]}
              </option>
            ))}
          </select>
        </label>
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
      {isNotThere(error) ? (
        <p>{texts.map.notLaidOut}</p>
      ) : (
        <ErrorNote error={error} again={again} />
      )}
      {method === 'umap' && <LayOut collection={name} done={again} />}
      {loading && <p role="status">{texts.map.loading}</p>}
      {isOfMethod && value.ids.length === 0 && !loading && <p>{texts.map.noVectors}</p>}
      {isOfMethod && value.ids.length > 0 && (
        <>
          <Age map={value} />
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

/** What is on the map, and since when it has stood. */
function Age({ map: { ids, of, complete, madeAt, plane } }: { map: MapData }) {
  const { changed, drawn, laidOut } = texts.map
  if (madeAt !== null) {
    return <p>{laidOut(shownTime(madeAt), shownCount(ids.length), shownCount(of))}</p>
  }
  return (
    <>
      {!complete && <p>{drawn(shownCount(ids.length), shownCount(of))}</p>}
      {plane.changes > 0 && <p>{changed(shownCount(plane.changes))}</p>}
    </>
  )
}

/** The collection was never laid out, or by vectors that are no longer searched. */
function isNotThere(error: Error | null): boolean {
  return error instanceof ServiceError && ['MAP_NOT_FOUND', 'MAP_OUTDATED'].includes(error.code)
}
