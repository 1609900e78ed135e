import { de } from './de.ts'
import { en, type Texts } from './en.ts'

export const LANGUAGES = { en: 'English', de: 'Deutsch' } as const
export type Language = keyof typeof LANGUAGES

const PLACE = 'lookalike-language'

export function language(): Language {
  const kept = localStorage.getItem(PLACE)
  if (kept === 'en' || kept === 'de') return kept
  return navigator.language.startsWith('de') ? 'de' : 'en'
}

/** Takes another language; the page is loaded anew, since every text of it changes. */
export function chooseLanguage(chosen: Language): void {
  localStorage.setItem(PLACE, chosen)
  location.reload()
}

export const texts: Texts = language() === 'de' ? de : en

const number = new Intl.NumberFormat(language(), { maximumFractionDigits: 4 })
const count = new Intl.NumberFormat(language())

const time = new Intl.DateTimeFormat(language(), { dateStyle: 'medium', timeStyle: 'short' })

/** @param at ISO 8601. */
export function shownTime(at: string): string {
  return time.format(new Date(at))
}

/** Of a share, in percent: 95.2 of .95238, and .0123 of .000123. */
const percent = new Intl.NumberFormat(language(), { maximumSignificantDigits: 3 })

export function shownPercent(share: number): string {
  return percent.format(100 * share)
}

export function shownNumber(value: number): string {
  return number.format(value)
}

export function shownCount(value: number): string {
  return count.format(value)
}

export function shownBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  let unit = 0
  let value = bytes
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000
    unit++
  }
  return `${number.format(Number(value.toPrecision(3)))} ${units[unit]}`
}
