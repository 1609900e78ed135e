import { useState } from 'preact/hooks'
import type { Collection } from '../api/contract.ts'
import { CollectionChoice, useCollections } from '../parts/collection-choice.tsx'
import { ErrorNote, Loading } from '../parts/note.tsx'
import type { Route } from '../route.ts'
import { texts } from '../texts/texts.ts'
import { CalibrationPart } from './calibration.tsx'
import { Duplicates } from './duplicates.tsx'
import { Identify } from './identify.tsx'
import { Identities } from './identities.tsx'
import { Suggestions } from './suggestions.tsx'
import { Unknowns } from './unknowns.tsx'
import { Verify } from './verify.tsx'

/** Who or what it is: identify, verify, thresholds, names to give and to join, duplicates. */
export function PeopleView({ route: { collection } }: { route: Route }) {
  const { value, error, loading } = useCollections()
  const chosen = value?.find(({ name }) => name === collection)
  return (
    <>
      <h1>{texts.views.people}</h1>
      <ErrorNote error={error} />
      {loading && value === null && <Loading />}
      {value && <CollectionChoice collections={value} chosen={collection} view="people" />}
      {chosen && <Parts key={chosen.name} collection={chosen} />}
    </>
  )
}

function Parts({ collection }: { collection: Collection }) {
  const [calibrated, setCalibrated] = useState(0)
  const [changed, setChanged] = useState(0)
  const change = () => setChanged((now) => now + 1)
  if (collection.identityField === null) {
    return (
      <>
        <p>{texts.people.noIdentities}</p>
        <Duplicates collection={collection.name} />
      </>
    )
  }
  return (
    <>
      <Identify collection={collection} calibrated={calibrated} />
      <Verify collection={collection.name} calibrated={calibrated} />
      <CalibrationPart collection={collection.name} done={() => setCalibrated((now) => now + 1)} />
      <Identities collection={collection} changed={changed} />
      <Suggestions collection={collection.name} done={change} />
      <Unknowns collection={collection.name} done={change} />
      <Duplicates collection={collection.name} />
    </>
  )
}
