import { useEffect, useState } from 'preact/hooks'
import { askForKey, type KeyState, onKeyState, refuseKey, setKey } from './api/key.ts'
import { CollectionsView } from './collections/collections-view.tsx'
import { JobsView } from './jobs/jobs-view.tsx'
import { LearningView } from './learning/learning-view.tsx'
import { Dialog } from './parts/dialog.tsx'
import { Later } from './parts/later.tsx'
import { Notices } from './parts/notices.tsx'
import { PeopleView } from './people/people-view.tsx'
import { linkTo, type Route, useRoute } from './route.ts'
import { SearchView } from './search/search-view.tsx'
import { chooseLanguage, LANGUAGES, type Language, language, texts } from './texts/texts.ts'
import { WelcomeView } from './welcome/welcome-view.tsx'

// Who looks at no map loads nothing of it.
const loadMapView = async () => (await import('./map/map-view.tsx')).MapView

/** The views that stand, in the order of the navigation. */
const SHOWN = ['search', 'collections', 'people', 'map', 'learning', 'jobs'] as const

export function App() {
  const route = useRoute()
  const [entered, setEntered] = useState(0)
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
        {/* What failed for want of a key begins anew with one. */}
        <View key={entered} route={route} />
      </main>
      <Notices />
      <KeyPrompt late={() => setEntered((now) => now + 1)} />
    </>
  )
}

function View({ route }: { route: Route }) {
  switch (route.view) {
    case 'collections':
      return <CollectionsView route={route} />
    case 'people':
      return <PeopleView route={route} />
    case 'map':
      return <Later load={loadMapView} show={(MapView) => <MapView route={route} />} />
    case 'learning':
      return <LearningView route={route} />
    case 'jobs':
      return <JobsView />
    case 'welcome':
      return <WelcomeView route={route} />
    default:
      return <SearchView route={route} />
  }
}

/** No link does it: the fragment is the address of the view. */
function focusContent(): void {
  document.getElementById('content')?.focus()
}

/** Asks for a key; `late` is called where one is given after it was refused first. */
function KeyPrompt({ late }: { late: () => void }) {
  const [state, setState] = useState<KeyState>('enough')
  const [isLate, setLate] = useState(false)
  useEffect(() => onKeyState(setState), [])
  if (state === 'enough') return null
  if (state === 'refused') {
    const ask = () => {
      setLate(true)
      askForKey()
    }
    return (
      <p class="toast" role="status">
        {texts.key.title}{' '}
        <button type="button" onClick={ask}>
          {texts.key.label}
        </button>
      </p>
    )
  }
  return (
    <Dialog title={texts.key.title} close={refuseKey}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          const key = String(new FormData(event.currentTarget).get('key') ?? '').trim()
          if (key === '') return
          setKey(key)
          if (isLate) late()
          setLate(false)
        }}
      >
        <label>
          {texts.key.label}
          <input type="password" name="key" autocomplete="off" required />
        </label>
        <p>{texts.key.explain}</p>
        <p class="buttons">
          <button type="submit">{texts.key.go}</button>
          <button type="button" onClick={refuseKey}>
            {texts.cancel}
          </button>
        </p>
      </form>
    </Dialog>
  )
}
