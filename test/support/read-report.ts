/** Reads reports as their readers would: the text that markup stands for. */

export function htmlTable(page: string): string[][] {
  const [body] = page.match(/<tbody>[\s\S]*?<\/tbody>/) ?? ['']
  const rows = body.match(/<tr>.*?<\/tr>/g) ?? []
  return rows.map((row) =>
    [...row.matchAll(/<td[^>]*>(.*?)<\/td>/g)].map(([, cell]) => textOf(cell!)),
  )
}

/** The first table. */
export function markdownTable(text: string): string[][] {
  const [table] = text.match(/(^\|.*\|\n)+/m) ?? ['']
  return table
    .trimEnd()
    .split('\n')
    .map((line) => line.slice(2, -2).split(' | ').map(withoutBackslashes))
}

export interface ShownQuery {
  readonly query: { readonly id: string }
  readonly found: readonly {
    readonly id: string
    readonly verdict: string
    readonly distance: string
  }[]
}

export function shownPictures(page: string): ShownQuery[] {
  const sections = page.match(/<section>[\s\S]*?<\/section>/g) ?? []
  return sections.map((section) => {
    const [query, ...found] = section.match(/<p class="said">.*?<p class="id">.*?<\/p>/g) ?? []
    return {
      query: { id: idOf(query!) },
      found: found.map((figure) => {
        const [, verdict, distance] = figure.match(/"said">(\w+), ([\d.]+)</) ?? []
        return { id: idOf(figure), verdict: verdict!, distance: distance! }
      }),
    }
  })
}

/** Reads the numbers that points of charts show when they are pointed at. */
export function chartPoints(svg: string): { name: string; step: number; value: string }[] {
  const shown = [...svg.matchAll(/<circle [^>]*><title>(.*?), (\d+): (-?[\d.]+)<\/title>/g)]
  return shown.map(([, name, step, value]) => {
    return { name: textOf(name!), step: Number(step), value: value! }
  })
}

/** Data URIs that hold JPEG files. */
export function jpegUris(page: string): string[] {
  const uris = [...page.matchAll(/src="data:image\/jpeg;base64,([^"]*)"/g)].map(([, data]) => data!)
  return uris.filter((data) => Buffer.from(data, 'base64').toString('hex', 0, 3) === 'ffd8ff')
}

function idOf(figure: string): string {
  const shown = figure.match(/<p class="id">(.*?)<\/p>/)?.[1] ?? ''
  return textOf(shown.replaceAll('<wbr>', ''))
}

function textOf(markup: string): string {
  const named: Readonly<Record<string, string>> = {
    amp: '&',
    lt: '<',
    gt: '>',
    quot: '"',
    '#39': "'",
  }
  return markup.replace(/&([^;]+);/g, (_, name: string) => named[name]!)
}

function withoutBackslashes(text: string): string {
  return text.replace(/\\(.)/g, '$1')
}
