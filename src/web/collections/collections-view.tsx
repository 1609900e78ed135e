import { useState } from 'preact/hooks'
import { ask, collectionPath } from '../api/service.ts'
import { useCollections } from '../parts/collection-choice.tsx'
import { ErrorNote, Loading } from '../parts/note.tsx'
import { linkTo, type Route } from '../route.ts'
import { texts } from '../texts/texts.ts'
import { Welcome } from '../welcome/welcome.tsx'
import { CollectionView } from './collection-view.tsx'
import { CreateForm } from './create-form.tsx'
import { Status } from './status.tsx'

/** All collections, or the one that is open. */
export function CollectionsView({ route: { collection } }: { route: Route }) {
  const [changed, setChanged] = useState(0)
  const { value, error, loading } = useCollections(changed)
  const reload = () => setChanged((now) => now + 1)
  const open = value?.find(({ name }) => name === collection)
  if (open) return <CollectionView key={open.name} collection={open} reload={reload} />
  return (
    <>
      <h1>{texts.collections.title}</h1>
      <ErrorNote error={error} again={reload} />
      {loading && value === null && <Loading />}
      {value?.length === 0 && (
        <>
          <p>{texts.collection.none}</p>
          <Welcome leadsOn={false} />
        </>
      )}
      <ul class="cards">
        {value?.map((one) => (
          <li key={one.name}>
            <h2>
              <a href={linkTo('collections', one.name)}>{one.name}</a>
            </h2>
            <Status collection={one} />
            <p class="buttons">
              <a href={linkTo('search', one.name)}>{texts.views.search}</a>
              <RemoveButton name={one.name} done={reload} />
            </p>
          </li>
        ))}
      </ul>
      <CreateForm
        done={(name) => {
          reload()
          location.assign(linkTo('collections', name))
        }}
      />
    </>
  )
}

function RemoveButton({ name, done }: { name: string; done: () => void }) {
  const [error, setError] = useState<Error | null>(null)
  return (
    <>
      <button
        type="button"
        class="danger"
        onClick={async () => {
          if (!confirm(texts.collections.removeSure(name))) return
          await ask('DELETE', collectionPath(name)).then(done, setError)
        }}
      >
        {texts.collections.remove}
      </button>
      <ErrorNote error={error} />
    </>
  )
}
