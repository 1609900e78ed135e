import type { RefObject } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import type { Place } from './view.ts'

/** What a person does with fingers, mouse or wheel, in pixels of the stage. */
interface Gestures {
  readonly onDrag: (by: Place) => void
  readonly onZoom: (factor: number, at: Place) => void
  /** The mouse rests there; null when it has left. */
  readonly onHover: (at: Place | null) => void
  readonly onPress: (at: Place) => void
  /** Where a line is drawn in place of dragging: the line so far, and at last. */
  readonly line: {
    onDraw: (line: readonly Place[]) => void
    onEnd: (line: readonly Place[]) => void
  } | null
}

/** Less than this is no drag. */
const STILL = 4
/** Corners of a line are at least so far apart, so that a long line has few. */
const CORNERS_APART = 3
const ZOOM_A_PIXEL = 0.0015
/** Pixels of a line of text, by which some wheels count. */
const LINE = 16

export function useGestures(stage: RefObject<HTMLElement | null>, gestures: Gestures): void {
  const latest = useRef(gestures)
  latest.current = gestures
  useEffect(() => {
    const element = stage.current!
    const fingers = new Map<number, Place>()
    let line: Place[] = []
    /** Whether the pointer went down to draw; what it does after the line was given up is nothing. */
    let draws = false
    let way = 0
    const placeOf = (event: MouseEvent): Place => {
      const { left, top } = element.getBoundingClientRect()
      return { x: event.clientX - left, y: event.clientY - top }
    }
    const down = (event: PointerEvent) => {
      // Buttons on the stage are pressed, not dragged.
      if (event.button !== 0 || (event.target as Element).closest('button, a')) return
      element.setPointerCapture(event.pointerId)
      fingers.set(event.pointerId, placeOf(event))
      way = fingers.size === 1 ? 0 : STILL
      line = [placeOf(event)]
      draws = latest.current.line !== null
    }
    const move = (event: PointerEvent) => {
      const { onDrag, onZoom, onHover, line: drawn } = latest.current
      const to = placeOf(event)
      const from = fingers.get(event.pointerId)
      if (from === undefined) {
        if (event.pointerType === 'mouse') onHover(to)
        return
      }
      const [other] = [...fingers].filter(([id]) => id !== event.pointerId).map(([, at]) => at)
      fingers.set(event.pointerId, to)
      way += distance(from, to)
      if (other !== undefined) {
        const factor = distance(to, other) / Math.max(1, distance(from, other))
        onDrag({ x: (to.x - from.x) / 2, y: (to.y - from.y) / 2 })
        onZoom(factor, { x: (to.x + other.x) / 2, y: (to.y + other.y) / 2 })
      } else if (draws) {
        if (drawn === null || distance(line.at(-1)!, to) < CORNERS_APART) return
        line.push(to)
        drawn.onDraw([...line])
      } else onDrag({ x: to.x - from.x, y: to.y - from.y })
    }
    const up = (event: PointerEvent) => {
      if (!fingers.delete(event.pointerId) || fingers.size > 0) return
      const { onPress, line: drawn } = latest.current
      if (way < STILL) {
        if (event.type === 'pointerup') onPress(placeOf(event))
      } else if (draws && drawn !== null) drawn.onEnd(event.type === 'pointerup' ? line : [])
    }
    const leave = () => latest.current.onHover(null)
    const wheel = (event: WheelEvent) => {
      // Whoever only passes scrolls the page.
      if (!event.ctrlKey && !element.contains(document.activeElement)) return
      event.preventDefault()
      const pixels = event.deltaY * (event.deltaMode === WheelEvent.DOM_DELTA_PIXEL ? 1 : LINE)
      latest.current.onZoom(Math.exp(-pixels * ZOOM_A_PIXEL), placeOf(event))
    }
    element.addEventListener('pointerdown', down)
    element.addEventListener('pointermove', move)
    element.addEventListener('pointerup', up)
    element.addEventListener('pointercancel', up)
    element.addEventListener('pointerleave', leave)
    element.addEventListener('wheel', wheel, { passive: false })
    return () => {
      element.removeEventListener('pointerdown', down)
      element.removeEventListener('pointermove', move)
      element.removeEventListener('pointerup', up)
      element.removeEventListener('pointercancel', up)
      element.removeEventListener('pointerleave', leave)
      element.removeEventListener('wheel', wheel)
    }
  }, [stage])
}

function distance(a: Place, b: Place): number {
  return Math.hypot(a.x - b.x, a.y - b.y)
}
