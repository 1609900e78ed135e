import type { Collection } from '../api/contract.ts'
import { texts } from '../texts/texts.ts'
import { type Condition, OPERATORS } from './filter.ts'

interface FilterBuilderProps {
  readonly collection: Collection
  readonly conditions: readonly Condition[]
  readonly onChange: (conditions: readonly Condition[]) => void
}

/** Conditions on metadata, all of which are to hold. */
export function FilterBuilder({ collection, conditions, onChange }: FilterBuilderProps) {
  const { fields, identityField, cameraField } = collection
  const known = [...new Set([...fields, identityField, cameraField].filter((one) => one !== null))]
  const change = (at: number, part: Partial<Condition>) =>
    onChange(conditions.map((one, i) => (i === at ? { ...one, ...part } : one)))
  return (
    <fieldset>
      <legend>{texts.search.filter}</legend>
      <datalist id="fields">
        {known.map((field) => (
          <option key={field} value={field} />
        ))}
      </datalist>
      {conditions.map(({ field, operator, value }, at) => (
        <div class="condition" key={at}>
          <input
            aria-label={texts.search.field}
            list="fields"
            value={field}
            onInput={(event) => change(at, { field: event.currentTarget.value })}
          />
          <select
            aria-label={texts.search.operator}
            value={operator}
            onChange={(event) =>
              change(at, { operator: event.currentTarget.value as Condition['operator'] })
            }
          >
            {OPERATORS.map((one) => (
              <option key={one} value={one}>
                {texts.search.operators[one]}
              </option>
            ))}
          </select>
          {operator !== '$exists' && (
            <input
              aria-label={texts.search.value}
              value={value}
              onInput={(event) => change(at, { value: event.currentTarget.value })}
            />
          )}
          <button
            type="button"
            aria-label={texts.remove}
            onClick={() => onChange(conditions.filter((_, i) => i !== at))}
          >
            ✕
          </button>
        </div>
      ))}
      <button
        type="button"
        onClick={() =>
          onChange([...conditions, { field: known[0] ?? '', operator: '$eq', value: '' }])
        }
      >
        {texts.search.addCondition}
      </button>
    </fieldset>
  )
}
