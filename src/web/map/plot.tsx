import type { RefObject } from 'preact'
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks'
import { Picture } from '../parts/picture.tsx'
import { shownCount, texts } from '../texts/texts.ts'
import { drawMarks } from './draw-marks.ts'
import { type Cloud, createPainter } from './draw-points.ts'
import { nearestPoint, pointsInSight, pointsWithin } from './find-points.ts'
import { type Marks, placesOf } from './marks.ts'
import { PointedAt } from './pointed-at.tsx'
import { useGestures } from './use-gestures.ts'
import { useSettled } from './use-settled.ts'
import { useStage } from './use-stage.ts'
import { moved, type Place, pixelOf, type View, viewOf, viewOfAll, zoomed } from './view.ts'

interface PlotProps {
  readonly collection: string
  readonly hasPictures: boolean
  readonly ids: readonly string[]
  readonly placeOf: ReadonlyMap<string, number>
  /** The number of points that are not hidden. */
  readonly total: number
  readonly cloud: Cloud
  readonly marks: Marks
  /** Records that come into sight whenever this is another list, also one of the same; null for all. */
  readonly focus: readonly string[] | null
  readonly stage: RefObject<HTMLDivElement | null>
  readonly onSelect: (points: readonly number[]) => void
}

const ZOOM_STEP = 1.5
/** The share of a side that an arrow key moves by. */
const MOVE_STEP = 0.1
/** Pixels within which a point is pointed at. */
const REACH = 14
/** As many points in sight are shown as pictures. */
const MOST_PICTURES = 40
/** Milliseconds that the map rests before pictures are shown and what is in sight is said. */
const REST_MS = 250
/** Milliseconds that a point is pointed at before its picture is fetched. */
const POINT_MS = 120

/** The points, to move about in. */
export function Plot({
  collection,
  hasPictures,
  ids,
  placeOf,
  total,
  cloud,
  marks,
  focus,
  stage,
  onSelect,
}: PlotProps) {
  const below = useRef<HTMLCanvasElement>(null)
  const above = useRef<HTMLCanvasElement>(null)
  const painter = useRef<ReturnType<typeof createPainter> | null>(null)
  const size = useStage(stage)
  const all = useMemo(() => viewOfAll(cloud.points, size), [cloud.points, size])
  const base = useMemo(
    () => viewOf(cloud.points, placesOf(focus ?? [], placeOf), all, size),
    [cloud.points, placeOf, focus, all, size],
  )
  const [chosen, setView] = useState<View | null>(null)
  const [isLasso, setLasso] = useState(false)
  const [line, setLine] = useState<readonly Place[]>([])
  // By its id, which another map may have in another place, or not at all.
  const [pointed, setPointed] = useState<string | null>(null)
  const hovered = (pointed === null ? undefined : placeOf.get(pointed)) ?? null
  const rested = useSettled(pointed, POINT_MS)
  const view = chosen ?? base
  const settled = useSettled(view, REST_MS)
  const { points, classes, palette } = cloud
  useEffect(() => setView(null), [focus])
  const inSight = useMemo(
    () => pointsInSight(points, classes, settled, size),
    [points, classes, settled, size],
  )
  const go = (change: (now: View) => View) => {
    setPointed(null)
    setView((now) => change(now ?? base))
  }
  const middle = { x: size.width / 2, y: size.height / 2 }
  const zoom = (factor: number, at: Place) => go((now) => zoomed(now, all, size, factor, at))
  const find = (at: Place) => nearestPoint(points, classes, view, size, at, REACH)
  const selectInSight = () => onSelect(pointsInSight(points, classes, view, size))
  const endLasso = (drawn: readonly Place[]) => {
    setLine([])
    setLasso(false)
    if (drawn.length > 2) onSelect(pointsWithin(points, classes, view, size, drawn))
  }
  useGestures(stage, {
    onDrag: (by) => go((now) => moved(now, by)),
    onZoom: zoom,
    onHover: (at) => setPointed(ids[(at && find(at)) ?? -1] ?? null),
    onPress: (at) => {
      const found = find(at)
      onSelect(found === null ? [] : [found])
    },
    line: isLasso ? { onDraw: setLine, onEnd: endLasso } : null,
  })
  useLayoutEffect(() => {
    const frame = requestAnimationFrame(() => {
      painter.current ??= createPainter(below.current!)
      const { scale, ...place } = view
      painter.current(cloud, { ...place, scale: scale * size.ratio })
    })
    return () => cancelAnimationFrame(frame)
  }, [cloud, view, size])
  useLayoutEffect(() => {
    drawMarks(above.current!, size, points, view, marks, hovered, line)
    // Its colour is that of the text, which is another one in the dark, as the palette is.
  }, [points, palette, view, size, marks, hovered, line])
  const pixels = {
    width: Math.round(size.width * size.ratio),
    height: Math.round(size.height * size.ratio),
  }
  const keys: Record<string, () => void> = {
    ArrowLeft: () => go((now) => moved(now, { x: size.width * MOVE_STEP, y: 0 })),
    ArrowRight: () => go((now) => moved(now, { x: -size.width * MOVE_STEP, y: 0 })),
    ArrowUp: () => go((now) => moved(now, { x: 0, y: size.height * MOVE_STEP })),
    ArrowDown: () => go((now) => moved(now, { x: 0, y: -size.height * MOVE_STEP })),
    '+': () => zoom(ZOOM_STEP, middle),
    '=': () => zoom(ZOOM_STEP, middle),
    '-': () => zoom(1 / ZOOM_STEP, middle),
    0: () => go(() => all),
    Enter: selectInSight,
    Escape: () => {
      if (!isLasso) onSelect([])
      setLine([])
      setLasso(false)
    },
  }
  // While the map moves, those of the place where it rested last stay.
  const isNear = hasPictures && inSight.length <= MOST_PICTURES
  return (
    <>
      <p class="buttons">
        <button type="button" onClick={() => zoom(ZOOM_STEP, middle)}>
          {texts.map.closer}
        </button>
        <button type="button" onClick={() => zoom(1 / ZOOM_STEP, middle)}>
          {texts.map.farther}
        </button>
        <button type="button" onClick={() => go(() => all)}>
          {texts.map.showAll}
        </button>
        <button type="button" aria-pressed={isLasso} onClick={() => setLasso(!isLasso)}>
          {texts.map.lasso}
        </button>
        <button type="button" onClick={selectInSight}>
          {texts.map.selectInSight}
        </button>
      </p>
      <div
        ref={stage}
        class={isLasso ? 'map lasso' : 'map'}
        role="application"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: the keyboard moves about in it
        tabIndex={0}
        aria-label={texts.map.stage}
        aria-describedby="map-help"
        onKeyDown={(event) => {
          const act = keys[event.key]
          if (act === undefined || event.ctrlKey || event.metaKey || event.altKey) return
          event.preventDefault()
          act()
        }}
      >
        <canvas ref={below} {...pixels} />
        {isNear &&
          inSight.map((i) => (
            <div
              key={ids[i]}
              class="map-picture"
              style={{ ...styleAt(view, size, points, i), borderColor: palette[classes[i]!] }}
            >
              <Picture collection={collection} id={ids[i]!} />
            </div>
          ))}
        <canvas ref={above} class="above" {...pixels} />
        {hovered !== null && (
          <PointedAt
            id={ids[hovered]!}
            collection={hasPictures && rested === pointed ? collection : null}
            at={pixelOf(view, size, points[2 * hovered]!, points[2 * hovered + 1]!)}
            size={size}
          />
        )}
      </div>
      <p id="map-help" class="help">
        {texts.map.help}
      </p>
      <p role="status" class="in-sight" aria-busy={view !== settled}>
        {texts.map.inSight(shownCount(inSight.length), shownCount(total))}
      </p>
    </>
  )
}

function styleAt(
  view: View,
  size: { width: number; height: number },
  points: Float32Array,
  i: number,
) {
  const { x, y } = pixelOf(view, size, points[2 * i]!, points[2 * i + 1]!)
  return { left: `${x}px`, top: `${y}px` }
}
