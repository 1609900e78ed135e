import type { RefObject } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import type { Theme } from './colours.ts'
import type { Size } from './view.ts'

/** Pixels of a picture at most: what is drawn anew for each of them must fit into a frame. */
const MOST_PIXELS = 4_000_000

export interface Stage extends Size {
  /** Pixels of the picture for each of the page. */
  readonly ratio: number
}

/** The size of an element as it is now. */
export function useStage(element: RefObject<HTMLElement | null>): Stage {
  const [stage, setStage] = useState<Stage>({ width: 1, height: 1, ratio: 1 })
  useEffect(() => {
    const observer = new ResizeObserver(([entry]) => {
      const { width, height } = entry!.contentRect
      if (width === 0 || height === 0) return
      const most = Math.sqrt(MOST_PIXELS / (width * height))
      setStage({ width, height, ratio: Math.min(devicePixelRatio, most) })
    })
    observer.observe(element.current!)
    return () => observer.disconnect()
  }, [element])
  return stage
}

/** Whether the ground is light or dark, as the system wants it. */
export function useTheme(): Theme {
  const [isDark, setDark] = useState(() => darkness().matches)
  useEffect(() => {
    const query = darkness()
    const changed = () => setDark(query.matches)
    query.addEventListener('change', changed)
    return () => query.removeEventListener('change', changed)
  }, [])
  return isDark ? 'dark' : 'light'
}

function darkness(): MediaQueryList {
  return matchMedia('(prefers-color-scheme: dark)')
}
