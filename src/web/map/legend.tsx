import { shownCount, shownNumber, texts } from '../texts/texts.ts'
import type { LegendEntry, Palette } from './colours.ts'

interface LegendProps {
  readonly entries: readonly LegendEntry[]
  readonly palette: Palette
  readonly onSelect: (entry: LegendEntry) => void
}

/** What the colours say; each line selects its points. */
export function Legend({ entries, palette, onSelect }: LegendProps) {
  if (entries.length === 0) return null
  return (
    <ul class="map-legend" aria-label={texts.map.legend}>
      {entries.map((entry) => (
        <li key={entry.colour}>
          <button type="button" onClick={() => onSelect(entry)}>
            <span class="swatch" style={{ background: palette[entry.colour] }} />
            {nameOf(entry)} ({shownCount(entry.count)})
          </button>
        </li>
      ))}
    </ul>
  )
}

export function nameOf({ kind, value }: LegendEntry): string {
  switch (kind) {
    case 'none':
      return texts.map.noValue
    case 'other':
      return texts.map.otherValues
    case 'number':
      return texts.map.from(shownNumber(value as number))
    default:
      return String(value)
  }
}
