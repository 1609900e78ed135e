// Bundles the page (src/web) to dist/src/web. File names have a hash of what is in them, so browsers may keep them;
// beside each file lies a copy that is compressed already.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { brotliCompressSync } from 'node:zlib'
import { buildSync } from 'esbuild'

/** @param root the folder of the project. */
export function buildPage(root) {
  const source = join(root, 'src/web')
  const target = join(root, 'dist/src/web')
  mkdirSync(target, { recursive: true })
  const { metafile } = buildSync({
    absWorkingDir: root,
    entryPoints: [join(source, 'page.tsx'), join(source, 'page.css')],
    outdir: target,
    entryNames: '[name]-[hash]',
    chunkNames: '[name]-[hash]',
    bundle: true,
    splitting: true,
    format: 'esm',
    target: 'es2022',
    minify: true,
    jsx: 'automatic',
    jsxImportSource: 'preact',
    tsconfig: join(source, 'tsconfig.json'),
    metafile: true,
    logLevel: 'warning',
  })
  const names = Object.entries(metafile.outputs)
  const nameOf = (entry) =>
    basename(names.find(([, { entryPoint }]) => entryPoint === `src/web/${entry}`)[0])
  const html = readFileSync(join(source, 'page.html'), 'utf8')
    .replace('STYLE', `/page/${nameOf('page.css')}`)
    .replace('SCRIPT', `/page/${nameOf('page.tsx')}`)
  writeFileSync(join(target, 'page.html'), html)
  for (const name of readdirSync(target)) {
    const path = join(target, name)
    writeFileSync(`${path}.br`, brotliCompressSync(readFileSync(path)))
  }
}
