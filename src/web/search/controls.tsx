import type { Collection } from '../api/contract.ts'
import { shownNumber, texts } from '../texts/texts.ts'
import { FilterBuilder } from './filter-builder.tsx'
import type { Settings } from './settings.ts'

/** The ends of the sliders. A cosine distance is at most 2; a Euclidean one of raw vectors has no end, and is typed. */
const MOST_K = 200
const FARTHEST = 1.2

interface ControlsProps {
  readonly collection: Collection
  readonly settings: Settings
  readonly onChange: (settings: Settings) => void
}

/** How many, how far, how different from each other, one for each identity, and the filter. */
export function Controls({ collection, settings, onChange }: ControlsProps) {
  const { k, radius, group, diversity, conditions } = settings
  const { metric, identityField } = collection
  return (
    <form class="controls" onSubmit={(event) => event.preventDefault()}>
      <label>
        {texts.search.k} <output>{k}</output>
        <input
          type="range"
          min={1}
          max={MOST_K}
          value={k}
          onInput={(event) => onChange({ ...settings, k: event.currentTarget.valueAsNumber })}
        />
      </label>
      <label>
        {texts.search.radius}{' '}
        <output>
          {radius === null ? texts.search.anyDistance : texts.search.atMost(shownNumber(radius))}
        </output>
        {metric === 'cosine' ? (
          <input
            type="range"
            min={0}
            max={FARTHEST}
            step={0.005}
            value={radius ?? FARTHEST}
            onInput={({ currentTarget: { valueAsNumber } }) =>
              onChange({ ...settings, radius: valueAsNumber < FARTHEST ? valueAsNumber : null })
            }
          />
        ) : (
          <input
            type="number"
            min={0}
            step="any"
            value={radius ?? ''}
            onInput={({ currentTarget: { valueAsNumber } }) =>
              onChange({ ...settings, radius: valueAsNumber >= 0 ? valueAsNumber : null })
            }
          />
        )}
      </label>
      <label>
        {texts.search.diversity} <output>{shownNumber(diversity)}</output>
        <input
          type="range"
          min={0}
          max={1}
          step={0.05}
          value={diversity}
          onInput={({ currentTarget: { valueAsNumber } }) =>
            onChange({ ...settings, diversity: valueAsNumber })
          }
        />
      </label>
      {identityField !== null && (
        <label class="check">
          <input
            type="checkbox"
            disabled={diversity > 0}
            checked={group}
            onChange={(event) => onChange({ ...settings, group: event.currentTarget.checked })}
          />
          {texts.search.group(identityField)}
        </label>
      )}
      <FilterBuilder
        collection={collection}
        conditions={conditions}
        onChange={(next) => onChange({ ...settings, conditions: next })}
      />
    </form>
  )
}
