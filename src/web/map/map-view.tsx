import { useState } from 'preact/hooks'
import { CollectionChoice, useCollections } from '../parts/collection-choice.tsx'
import { ErrorNote, Loading } from '../parts/note.tsx'
import type { Route } from '../route.ts'
import { texts } from '../texts/texts.ts'
import { MapPanel } from './map-panel.tsx'

/** All records of a collection in two dimensions. */
export function MapView({ route }: { route: Route }) {
  const [turn, setTurn] = useState(0)
  // What is on the map changes only when it is drawn anew.
  const { value, error, loading } = useCollections(turn)
  const chosen = value?.find(({ name }) => name === route.collection)
  return (
    <>
      <h1>{texts.map.title}</h1>
      <ErrorNote error={error} again={() => setTurn((now) => now + 1)} />
      {loading && value === null && <Loading />}
      {value && <CollectionChoice collections={value} chosen={route.collection} view="map" />}
      {chosen && (
        <MapPanel
          key={`${route.turn} ${chosen.name}`}
          collection={chosen}
          parameters={route.parameters}
        />
      )}
    </>
  )
}
