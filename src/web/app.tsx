import { useEffect, useState } from 'preact/hooks'
import { onKeyWanted, setKey } from './api/key.ts'
import { CollectionsView } from './collections/collections-view.tsx'
import { JobsView } from './jobs/jobs-view.tsx'
import { LearningView } from './learning/learning-view.tsx'
import { Dialog } from './parts/dialog.tsx'
import { Notices } from './parts/notices.tsx'
import { PeopleView } from './people/people-view.tsx'
import { linkTo, type Route, useRoute } from './route.ts'
import { SearchView } from './search/search-view.tsx'
import { chooseLanguage, LANGUAGES, type Language, language, texts } from './texts/texts.ts'

/** The views that stand, in the order of the navigation. */
const SHOWN = ['search', 'collections', 'people', 'learning', 'jobs'] as const

export function App() {
  const route = useRoute()
  useEffect(() => {
    document.documentElement.lang = language()
    document.title = `${texts.views[route.view]} · Lookalike`
  }, [route.view])
  return (
    <>
      <button type="button" class="skip" onClick={focusContent}>
        {texts.skip}
      </button>
      <header class="top">
        <strong>Lookalike</strong>
        <nav>
          {SHOWN.map((view) => (
            <a
              key={view}
              href={linkTo(view, route.collection)}
              aria-current={route.view === view ? 'page' : undefined}
            >
              {texts.views[view]}
            </a>
          ))}
        </nav>
        <select
          aria-label={texts.language}
          value={language()}
          onChange={(event) => chooseLanguage(event.currentTarget.value as Language)}
        >
          {Object.entries(LANGUAGES).map(([code, name]) => (
            <option key={code} value={code}>
              {name}
            </option>
          ))}
        </select>
      </header>
      <main id="content" tabIndex={-1}>
        <View route={route} />
      </main>
      <Notices />
      <KeyPrompt />
    </>
  )
}

function View({ route }: { route: Route }) {
  switch (route.view) {
    case 'collections':
      return <CollectionsView route={route} />
    case 'people':
      return <PeopleView route={route} />
    case 'learning':
      return <LearningView route={route} />
    case 'jobs':
      return <JobsView />
    default:
      return <SearchView route={route} />
  }
}

/** No link does it: the fragment is the address of the view. */
function focusContent(): void {
  document.getElementById('content')?.focus()
}

function KeyPrompt() {
  const [wanted, setWanted] = useState(false)
  useEffect(() => onKeyWanted(setWanted), [])
  if (!wanted) return null
  return (
    <Dialog title={texts.key.title}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          const key = String(new FormData(event.currentTarget).get('key') ?? '').trim()
          if (key !== '') setKey(key)
        }}
      >
        <label>
          {texts.key.label}
          <input type="password" name="key" autocomplete="off" required />
        </label>
        <p>{texts.key.explain}</p>
        <button type="submit">{texts.key.go}</button>
      </form>
    </Dialog>
  )
}
