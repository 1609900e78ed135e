/** A format that is not taken: how a sentence names it, and what somebody can do. */
export interface ForeignFormat {
  readonly name: string
  readonly cure: string
}

/** How many bytes are looked at: text may have blanks, comments and a declaration first. */
const LOOKED_AT = 1024
const CONVERT = 'convert it to JPEG or PNG'
const RENDER = 'export the picture as PNG'
const RAW = 'develop it to JPEG or TIFF'
const FRAME = 'take a frame of it as JPEG or PNG'

/** First bytes as Latin-1 text, at a place in the file; the first that fits is taken. */
const SIGNATURES: readonly (readonly [number, string, string, string])[] = [
  [0, '\xff\x0a', 'JPEG XL', CONVERT],
  [0, '\0\0\0\x0cJXL ', 'JPEG XL', CONVERT],
  [0, '\0\0\0\x0cjP  ', 'JPEG 2000', CONVERT],
  [0, '\xff\x4f\xff\x51', 'JPEG 2000', CONVERT],
  [8, 'CR\x02', 'camera RAW (CR2)', RAW],
  [0, 'FUJIFILMCCD-RAW', 'camera RAW (RAF)', RAW],
  [0, 'IIRO', 'camera RAW (ORF)', RAW],
  [0, 'IIRS', 'camera RAW (ORF)', RAW],
  [0, 'MMOR', 'camera RAW (ORF)', RAW],
  [0, 'IIU\0', 'camera RAW (RW2)', RAW],
  [0, 'II\x1a\0\0\0HEAPCCDR', 'camera RAW (CRW)', RAW],
  [0, '\0MRM', 'camera RAW (MRW)', RAW],
  [0, 'FOVb', 'camera RAW (X3F)', RAW],
  [0, 'II\xbc\x01', 'JPEG XR', CONVERT],
  [0, '8BPS', 'PSD (Photoshop)', RENDER],
  [0, 'gimp xcf', 'XCF (GIMP)', RENDER],
  [0, '%PDF', 'PDF', 'export its pages as PNG'],
  [0, '%!PS', 'PostScript', RENDER],
  [0, '\xc5\xd0\xd3\xc6', 'PostScript (EPS)', RENDER],
  [0, 'AT&TFORM', 'DjVu', 'export its pages as PNG'],
  [0, '\0\0\x01\0', 'ICO (an icon)', 'export its largest size as PNG'],
  [0, '\0\0\x02\0', 'CUR (a cursor)', 'export its largest size as PNG'],
  [0, 'icns', 'ICNS (an icon)', 'export its largest size as PNG'],
  [0, 'BPG\xfb', 'BPG', CONVERT],
  [0, 'FLIF', 'FLIF', CONVERT],
  [0, 'qoif', 'QOI', CONVERT],
  [0, 'DDS ', 'DDS (a texture)', CONVERT],
  [0, '\xabKTX', 'KTX (a texture)', CONVERT],
  [0, 'v/1\x01', 'OpenEXR', CONVERT],
  [0, '#?RADIANCE', 'Radiance HDR', CONVERT],
  [0, '#?RGBE', 'Radiance HDR', CONVERT],
  [0, 'SIMPLE  =', 'FITS', CONVERT],
  [128, 'DICM', 'DICOM', CONVERT],
  [0, '\xd7\xcd\xc6\x9a', 'WMF', RENDER],
  [40, ' EMF', 'EMF', RENDER],
  [0, '\x8aMNG', 'MNG', CONVERT],
  [0, '\x8bJNG', 'JNG', CONVERT],
  [0, '\x89PNG', 'PNG that a transfer as text has damaged', 'send it again as binary'],
  [8, 'AVI ', 'video (AVI)', FRAME],
  [8, 'WAVE', 'sound (WAV)', 'send a picture'],
  [0, '\x1aE\xdf\xa3', 'video (Matroska or WebM)', FRAME],
  [0, 'FLV\x01', 'video (FLV)', FRAME],
  [0, '\0\0\x01\xba', 'video (MPEG)', FRAME],
  [0, '\0\0\x01\xb3', 'video (MPEG)', FRAME],
  [0, '\x30\x26\xb2\x75\x8e\x66\xcf\x11', 'video (ASF or WMV)', FRAME],
  [0, 'OggS', 'video or sound (Ogg)', FRAME],
  [0, 'ID3', 'sound (MP3)', 'send a picture'],
  [0, 'PK\x03\x04', 'zip archive', 'send archives to POST …/import/archive'],
  [0, '\x1f\x8b', 'gzip archive', 'unpack it, or send a tar.gz to POST …/import/archive'],
  [257, 'ustar', 'tar archive', 'send archives to POST …/import/archive'],
  [0, '7z\xbc\xaf\x27\x1c', '7z archive', 'unpack it'],
  [0, 'Rar!', 'RAR archive', 'unpack it'],
  [0, 'version https://git-lfs', 'Git LFS pointer', 'fetch the file itself with git lfs pull'],
  [0, '/9j/', 'JPEG in base64', 'send base64 in JSON, as "data"'],
  [0, 'iVBORw0KGgo', 'PNG in base64', 'send base64 in JSON, as "data"'],
  [0, 'R0lGOD', 'GIF in base64', 'send base64 in JSON, as "data"'],
  [0, 'UklGR', 'WebP in base64', 'send base64 in JSON, as "data"'],
  [0, 'data:image/', 'data URI', 'send it in JSON, as "data"'],
]

/** Brands of ISO base media (ISO/IEC 14496-12, 4.3), by how they begin. */
const BRANDS: readonly (readonly [RegExp, string, string])[] = [
  [/^(heic|heix|heim|heis|hevc|hevx|hevm|hevs)$/, 'HEIC', 'export it as JPEG'],
  [/^(mif1|mif2|mif3|msf1)$/, 'HEIF', 'export it as JPEG'],
  [/^crx $/, 'camera RAW (CR3)', RAW],
  [/^jxl $/, 'JPEG XL', CONVERT],
  [/^(jp2|jpx|jpm) *$/, 'JPEG 2000', CONVERT],
  [/^(M4A|M4B) $/, 'sound (MPEG-4)', 'send a picture'],
  [/^qt {2}$/, 'video (QuickTime)', FRAME],
  [/./, 'video (MPEG-4)', FRAME],
]

/** Names the format of bytes that are of none that is taken; null when it is not known. */
export function nameForeignFormat(bytes: Uint8Array): ForeignFormat | null {
  const start = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, LOOKED_AT))
  const latin = start.toString('latin1')
  if (latin.slice(4, 8) === 'ftyp') return brandOf(latin.slice(8, 12))
  for (const [at, signature, name, cure] of SIGNATURES) {
    if (latin.startsWith(signature, at)) return { name, cure }
  }
  const name = textOf(textAt(start)) ?? netpbmOf(latin)
  // Two letters are few, so that text goes first.
  return name ?? (latin.startsWith('BM') ? { name: 'BMP', cure: CONVERT } : null)
}

function brandOf(brand: string): ForeignFormat {
  const [, name, cure] = BRANDS.find(([pattern]) => pattern.test(brand)) ?? BRANDS.at(-1)!
  return { name, cure }
}

function netpbmOf(latin: string): ForeignFormat | null {
  return /^P[1-7Ff]\s/.test(latin) ? { name: 'PNM', cure: CONVERT } : null
}

/** Decodes text as UTF-8 or, by its mark, UTF-16; without the mark and leading blanks. */
function textAt(start: Buffer): string {
  const wide = start[0] === 0xff && start[1] === 0xfe
  return start.toString(wide ? 'utf16le' : 'utf8').replace(/^[\ufeff\s]+/, '')
}

function textOf(text: string): ForeignFormat | null {
  const lower = text.toLowerCase().replace(/^(<!--.*?-->\s*)+/s, '')
  if (/^<(!doctype html|html|head|body)[\s>]/.test(lower)) {
    return { name: 'HTML', cure: 'send the image that the page shows, not the page' }
  }
  if (lower.startsWith('<') && /<svg[\s>]/.test(lower)) return { name: 'SVG', cure: RENDER }
  if (lower.startsWith('<?xml')) return { name: 'XML', cure: 'send a picture' }
  if (/^[{[]\s*["{[\]}]/.test(text)) {
    return { name: 'JSON', cure: 'send it with content-type: application/json' }
  }
  // A cut through a letter leaves a replacement at the end.
  const isText = text.length > 0 && /^[\t\n\r\x20-\x7e\u00a0-\ufffc]+\ufffd?$/.test(text)
  return isText ? { name: 'text', cure: 'send a picture' } : null
}
