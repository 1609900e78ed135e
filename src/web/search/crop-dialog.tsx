import { useRef, useState } from 'preact/hooks'
import { Dialog } from '../parts/dialog.tsx'
import { texts } from '../texts/texts.ts'

interface CropDialogProps {
  readonly url: string
  readonly close: () => void
  /** Takes the part as a picture of its own. */
  readonly onCrop: (part: Blob) => void
}

/** A part of a picture, as shares of its sides. */
interface Box {
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
}

const STEP = 0.02
const LEAST = 0.05

/** Chooses a part of a picture, by dragging or by the arrow keys. */
export function CropDialog({ url, close, onCrop }: CropDialogProps) {
  const image = useRef<HTMLImageElement>(null)
  const [box, setBox] = useState<Box>({ left: 0.2, top: 0.2, width: 0.6, height: 0.6 })
  const [from, setFrom] = useState<{ x: number; y: number } | null>(null)
  const at = (event: PointerEvent) => {
    const { left, top, width, height } = image.current!.getBoundingClientRect()
    return { x: within((event.clientX - left) / width), y: within((event.clientY - top) / height) }
  }
  return (
    <Dialog title={texts.search.crop} close={close}>
      <p id="crop-help">{texts.search.cropHelp}</p>
      {/* biome-ignore lint/a11y/useSemanticElements: no element of HTML chooses a part of a picture */}
      <div
        class="crop"
        role="group"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it is moved by the arrow keys
        tabIndex={0}
        aria-label={texts.search.crop}
        aria-describedby="crop-help"
        onKeyDown={(event) => {
          const next = moved(box, event)
          if (next === null) return
          event.preventDefault()
          setBox(next)
        }}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId)
          setFrom(at(event))
        }}
        onPointerMove={(event) => {
          if (from !== null) setBox(between(from, at(event)))
        }}
        onPointerUp={() => setFrom(null)}
      >
        <img ref={image} src={url} alt="" draggable={false} />
        <span
          class="frame"
          style={{
            left: `${box.left * 100}%`,
            top: `${box.top * 100}%`,
            width: `${box.width * 100}%`,
            height: `${box.height * 100}%`,
          }}
        />
      </div>
      <button type="button" onClick={async () => onCrop(await cut(image.current!, box))}>
        {texts.search.cropUse}
      </button>
    </Dialog>
  )
}

function within(share: number): number {
  return Math.min(1, Math.max(0, share))
}

function between(a: { x: number; y: number }, b: { x: number; y: number }): Box {
  const left = Math.min(a.x, b.x, 1 - LEAST)
  const top = Math.min(a.y, b.y, 1 - LEAST)
  return {
    left,
    top,
    width: Math.max(LEAST, Math.abs(a.x - b.x)),
    height: Math.max(LEAST, Math.abs(a.y - b.y)),
  }
}

/** The box after an arrow key; null for other keys. */
function moved({ left, top, width, height }: Box, { key, shiftKey }: KeyboardEvent): Box | null {
  const x = key === 'ArrowRight' ? STEP : key === 'ArrowLeft' ? -STEP : 0
  const y = key === 'ArrowDown' ? STEP : key === 'ArrowUp' ? -STEP : 0
  if (x === 0 && y === 0) return null
  if (shiftKey) {
    return {
      left,
      top,
      width: Math.min(1 - left, Math.max(LEAST, width + x)),
      height: Math.min(1 - top, Math.max(LEAST, height + y)),
    }
  }
  return {
    left: Math.min(1 - width, Math.max(0, left + x)),
    top: Math.min(1 - height, Math.max(0, top + y)),
    width,
    height,
  }
}

async function cut(image: HTMLImageElement, box: Box): Promise<Blob> {
  const width = Math.max(1, Math.round(image.naturalWidth * box.width))
  const height = Math.max(1, Math.round(image.naturalHeight * box.height))
  const canvas = new OffscreenCanvas(width, height)
  const left = image.naturalWidth * box.left
  const top = image.naturalHeight * box.top
  canvas.getContext('2d')!.drawImage(image, left, top, width, height, 0, 0, width, height)
  return await canvas.convertToBlob({ type: 'image/png' })
}
