import { useState } from 'preact/hooks'
import type { Collection } from '../api/contract.ts'
import { linkTo } from '../route.ts'
import { texts } from '../texts/texts.ts'
import { Browse } from './browse.tsx'
import { Status } from './status.tsx'
import { Upload } from './upload.tsx'
import { useLateDeletes } from './use-late-deletes.ts'

/** One collection: its state, a place to drop pictures, and its records. */
export function CollectionView({
  collection,
  reload,
}: {
  collection: Collection
  reload: () => void
}) {
  const [stored, setStored] = useState(0)
  // Here, since the list begins anew after an upload.
  const deletes = useLateDeletes(collection.name)
  return (
    <>
      <h1>{collection.name}</h1>
      <Status collection={collection} />
      <p class="buttons">
        <a class="button main" href={linkTo('search', collection.name)}>
          {texts.collections.search}
        </a>
        <a href={linkTo('collections')}>{texts.collections.all}</a>
      </p>
      {collection.model !== null && (
        <Upload
          collection={collection.name}
          done={() => {
            setStored((now) => now + 1)
            reload()
          }}
        />
      )}
      <h2>{texts.collections.browse}</h2>
      <Browse key={stored} collection={collection} deletes={deletes} />
    </>
  )
}
