import { type CodeRowsView, codePlace } from '../../kernels/code-rows.ts'
import type { CodedRows } from '../scan/cascade/coded-rows.ts'
import type { Code, QueryCodes } from '../scan/cascade/coder.ts'
import type { ScanSegment } from '../scan/scan-segment.ts'

/**
 * Gives the codes of a coded row, of prefix and whole vector, as those of a query. Its error is larger than that of the codes
 * a query would get, so that the bounds are a little looser; but nothing is computed.
 */
export function codesOfRow(
  segments: readonly ScanSegment[],
  { prefix, full }: CodedRows,
  row: number,
): QueryCodes {
  const [ofPrefix, ofWhole] = [codeAt(segments, prefix!, row), codeAt(segments, full, row)]
  return {
    prefix: { ...ofPrefix.code, outside: ofPrefix.lastFact },
    full: { ...ofWhole.code, size: ofWhole.lastFact },
  }
}

function codeAt(segments: readonly ScanSegment[], view: CodeRowsView, row: number) {
  const { segment, codes, facts, step } = codePlace(view, row)
  const { buffer } = segments[segment]!.kernels.memory
  const all = new DataView(buffer, facts)
  const code: Code = {
    codes: new Int16Array(new Int8Array(buffer, codes, view.layout.bytes)),
    scale: all.getFloat32(0, true),
    norm: all.getFloat32(step, true),
    error: all.getFloat32(2 * step, true),
  }
  return { code, lastFact: all.getFloat32(3 * step, true) }
}
