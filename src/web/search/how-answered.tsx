import { useEffect, useRef, useState } from 'preact/hooks'
import type { SearchAnswer, SearchRequest } from '../api/contract.ts'
import { collectionPath } from '../api/service.ts'
import { shownCount, shownNumber, texts } from '../texts/texts.ts'

interface HowAnsweredProps {
  readonly answer: SearchAnswer | null
  readonly loading: boolean
  readonly collection: string
  /** What would be sent, pictures included. */
  readonly request: () => Promise<SearchRequest>
}

/** How many were found and how: exact or with a measured recall, by which plan, in what time. */
export function HowAnswered({ answer, loading, collection, request }: HowAnsweredProps) {
  const [copied, setCopied] = useState(false)
  const [byHand, setByHand] = useState<string | null>(null)
  const copy = async (text: string) => {
    try {
      await navigator.clipboard.writeText(text)
    } catch {
      // A browser has no clipboard for a page by plain HTTP, and may be forbidden to use it.
      setByHand(text)
      return
    }
    setByHand(null)
    setCopied(true)
    setTimeout(() => setCopied(false), 2000)
  }
  return (
    <p class="how" role="status" aria-live="polite">
      {loading && texts.loading}
      {!loading && answer && (
        <>
          <strong>{found(answer)}</strong>
          <span class={answer.exact ? 'badge good' : 'badge'}>{exactness(answer)}</span>
          {answer.explain && (
            <span>
              {texts.search.plan}: {answer.explain.plan}
            </span>
          )}
          <span>
            {texts.search.took(shownNumber(Math.round(answer.timings.totalMs * 10) / 10))}
          </span>
          <button type="button" onClick={async () => copy(curlOf(collection, await request()))}>
            {texts.search.curl}
          </button>
          <button type="button" title={texts.search.linkHelp} onClick={() => copy(location.href)}>
            {texts.search.link}
          </button>
          {copied && texts.search.copied}
          {byHand !== null && <ToCopy key={byHand} text={byHand} />}
        </>
      )}
    </p>
  )
}

/** A text that the person copies: it is selected already. */
function ToCopy({ text }: { text: string }) {
  const input = useRef<HTMLInputElement>(null)
  useEffect(() => {
    input.current?.focus()
    input.current?.select()
  }, [])
  return (
    <label>
      {texts.search.copyByHand} <input ref={input} readOnly value={text} />
    </label>
  )
}

function found({ matches, complete }: SearchAnswer): string {
  if (matches.length === 0) return texts.search.nothing
  const count = shownCount(matches.length)
  return complete ? texts.search.found(count) : texts.search.foundMore(count)
}

function exactness({ exact, explain }: SearchAnswer): string {
  if (exact) return texts.search.exact
  const recall = explain?.recall ?? null
  if (recall === null) return texts.search.approximateUnmeasured
  return texts.search.approximate(shownNumber(recall.recall))
}

/** The same search for a shell; quotes of the body are kept from it. */
function curlOf(collection: string, request: SearchRequest): string {
  const body = JSON.stringify(request).replaceAll("'", "'\\''")
  const url = new URL(collectionPath(collection, '/search'), location.href)
  return `curl '${url}' -H 'content-type: application/json' -d '${body}'`
}
