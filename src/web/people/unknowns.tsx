import { ask, collectionPath } from '../api/service.ts'
import { Name } from '../parts/name.tsx'
import { ErrorNote } from '../parts/note.tsx'
import { Picture } from '../parts/picture.tsx'
import { usePages } from '../parts/use-pages.ts'
import { shownCount, texts } from '../texts/texts.ts'

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
  return (
    <section class="part" aria-label={texts.people.unknowns}>
      <h2>{texts.people.unknowns}</h2>
      <button type="button" onClick={pages.begin}>
        {texts.people.findUnknowns}
      </button>
      <ErrorNote error={pages.error} />
      {pages.items?.length === 0 && !pages.hasMore && (
        <p role="status">{texts.people.noUnknowns}</p>
      )}
      <ul class="cards">
        {pages.items?.map((cluster) => (
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
        ))}
      </ul>
      {pages.hasMore && (
        <button type="button" onClick={pages.more}>
          {texts.people.moreGroups}
        </button>
      )}
    </section>
  )
}
