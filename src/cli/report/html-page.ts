import { plainText } from '../../text-table.ts'

/** Makes a page, light and dark, that needs nothing beside it: no script and no request. */
export function htmlPage(title: string, style: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<title>${escapeHtml(title)}</title>
<style>${STYLE}${style}</style>
</head>
<body>
${body}
</body>
</html>
`
}

/** @param uri a data URI; null when there is nothing to show. */
export function imageHtml(uri: string | null, name: string): string {
  if (uri === null) return '<div class="picture none">no picture</div>'
  return `<div class="picture"><img src="${escapeHtml(uri)}" alt="${escapeHtml(name)}"></div>`
}

export function dataUri(mediaType: string, bytes: Uint8Array): string {
  return `data:${mediaType};base64,${Buffer.from(bytes).toString('base64')}`
}

/** Escapes for text and for attributes in double quotes, and shows what would be unseen and could turn text around. */
export function escapeHtml(text: string): string {
  return plainText(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;')
}

/** As `escapeHtml`, of a path or a name that may be long: a line may break behind what separates its parts. */
export function breakableHtml(text: string): string {
  return escapeHtml(text).replace(/[/_.-]+(?=[^/_.-])/g, '$&<wbr>')
}

const STYLE = `
:root { color-scheme: light dark; --page: #f5f5f3; --card: #fff; --line: #dddcd8; --text: #1d1d1b;
  --quiet: #6b6a66; --accent: #0a6b5d; --wrong: #b3261e }
@media (prefers-color-scheme: dark) { :root { --page: #161615; --card: #21211f; --line: #3a3936;
  --text: #ecebe7; --quiet: #a3a29c; --accent: #5fd0bd; --wrong: #ff8a80 } }
* { box-sizing: border-box; margin: 0 }
body { background: var(--page); color: var(--text); font: 15px/1.45 system-ui, sans-serif;
  max-width: 76rem; margin: 0 auto; padding: 2rem 1.25rem 4rem }
h1 { font-size: 1.25rem; overflow-wrap: anywhere; margin-bottom: .4rem }
.picture { aspect-ratio: 1; border-radius: .4rem; overflow: hidden; display: grid;
  place-items: center; background: #fff; margin-bottom: .5rem }
.picture img { width: 100%; height: 100%; object-fit: contain }
.picture.none { background: var(--page); color: var(--quiet); font-size: .85rem }
.quiet { color: var(--quiet) }
`
