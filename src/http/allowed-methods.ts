import type { App } from './call.ts'

/**
 * Collects the calls that are registered from now on. The function it returns gives the methods that a path takes, as an
 * `Allow` header lists them; '' where there is no call at that path.
 */
export function collectMethods(app: App): (path: string) => string {
  const methods = new Map<string, { readonly pattern: RegExp; readonly names: Set<string> }>()
  app.addHook('onRoute', ({ url, method }) => {
    const known = methods.get(url) ?? { pattern: patternOf(url), names: new Set(['OPTIONS']) }
    for (const name of [method].flat()) known.names.add(name)
    methods.set(url, known)
  })
  return (path) => {
    const fitting = [...methods.values()].filter(({ pattern }) => pattern.test(path))
    const names = new Set(fitting.flatMap(({ names }) => [...names]))
    return [...names].sort((a, b) => a.localeCompare(b)).join(', ')
  }
}

/** Makes the pattern of a route: `:name` is one segment of the path, `*` is the rest of it. */
function patternOf(route: string): RegExp {
  const escaped = route.replace(/[.+?^${}()|[\]\\]/g, '\\$&')
  return new RegExp(`^${escaped.replace(/:[^/]+/g, '[^/]+').replace('*', '.*')}$`)
}
