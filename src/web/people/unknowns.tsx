import { ask, collectionPath } from '../api/service.ts'
import { Name } from '../parts/name.tsx'
import { Picture } from '../parts/picture.tsx'
import { usePages } from '../parts/use-pages.ts'
import { shownCount, texts } from '../texts/texts.ts'
import { PagedPart } from './paged-part.tsx'

/** Records of a cluster that are shown, and named: the others are found again. */
const SHOWN = 60

interface Cluster {
  readonly ids: readonly string[]
}

/** Records without an identity that are probably the same one, to be named; `done` is called after each. */
export function Unknowns({ collection, done }: { collection: string; done: () => void }) {
  const post = <Answer,>(call: string, body: object) =>
    ask<Answer>('POST', collectionPath(collection, `/identities/${call}`), { body })
  const pages = usePages(async (from) => {
    const answer = await post<{ clusters: Cluster[]; cursor: string | null }>('unknowns', from)
    return { items: answer.clusters, cursor: answer.cursor }
  })
  const name = (cluster: Cluster, form: HTMLFormElement) => {
    const identity = String(new FormData(form).get('identity')).trim()
    if (identity === '') return
    pages.settle(
      async () => {
        await post('assign', { ids: cluster.ids.slice(0, SHOWN), identity })
        done()
      },
      (one) => one === cluster,
    )
  }
  const card = (cluster: Cluster) => (
    <li key={cluster.ids[0]}>
      {cluster.ids.length > SHOWN && (
        <p>{texts.jobs.of(shownCount(SHOWN), shownCount(cluster.ids.length))}</p>
      )}
      <ul class="grid small">
        {cluster.ids.slice(0, SHOWN).map((id) => (
          <li key={id}>
            <Picture collection={collection} id={id} />
            <Name id={id} />
          </li>
        ))}
      </ul>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          name(cluster, event.currentTarget)
        }}
      >
        <label>
          {texts.people.nameOf} <input name="identity" required maxLength={256} />
        </label>{' '}
        <button type="submit">{texts.people.nameAll}</button>
      </form>
    </li>
  )
  return (
    <PagedPart
      pages={pages}
      title={texts.people.unknowns}
      find={texts.people.findUnknowns}
      more={texts.people.moreGroups}
      none={texts.people.noUnknowns}
      card={card}
    />
  )
}
