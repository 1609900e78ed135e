import { build } from 'esbuild'

/** Loads a module of the page that needs no browser, `map/view.ts`: their types are those of a browser, so tests are not compiled with them. */
export async function pageModule<Exported>(name: string): Promise<Exported> {
  const { outputFiles } = await build({
    entryPoints: [`src/web/${name}`],
    bundle: true,
    write: false,
    format: 'esm',
    logLevel: 'silent',
  })
  const text = Buffer.from(outputFiles[0]!.contents).toString('base64')
  return (await import(`data:text/javascript;base64,${text}`)) as Exported
}
