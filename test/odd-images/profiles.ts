import sharp from 'sharp'

/** Makes a profile of grey whose values are light itself (gamma 1), so that leaving it out shows. */
export function linearGreyProfile(): Buffer {
  const text = Buffer.concat([
    Buffer.from('desc\0\0\0\0\0\0\0\x05grey\0', 'latin1'),
    Buffer.alloc(79),
  ])
  const copyright = Buffer.from('text\0\0\0\0none\0', 'latin1')
  const white = Buffer.concat([
    Buffer.from('XYZ \0\0\0\0', 'latin1'),
    Buffer.from('0000f6d6000100000000d32d', 'hex'),
  ])
  const curve = Buffer.from('curv\0\0\0\0\0\0\0\0', 'latin1')
  const tags = [
    ['desc', text],
    ['cprt', copyright],
    ['wtpt', white],
    ['kTRC', curve],
  ] as const
  const header = Buffer.alloc(128)
  header.write('lcms', 4, 'latin1')
  header.writeUInt32BE(0x02400000, 8)
  header.write('mntrGRAYXYZ ', 12, 'latin1')
  header.write('acsp', 36, 'latin1')
  Buffer.from('0000f6d6000100000000d32d', 'hex').copy(header, 68)
  const table = Buffer.alloc(4 + tags.length * 12)
  table.writeUInt32BE(tags.length, 0)
  const parts: Buffer[] = []
  let at = header.length + table.length
  tags.forEach(([name, data], i) => {
    table.write(name, 4 + i * 12, 'latin1')
    table.writeUInt32BE(at, 8 + i * 12)
    table.writeUInt32BE(data.length, 12 + i * 12)
    const padded = Buffer.concat([data, Buffer.alloc((4 - (data.length % 4)) % 4)])
    parts.push(padded)
    at += padded.length
  })
  const profile = Buffer.concat([header, table, ...parts])
  profile.writeUInt32BE(profile.length, 0)
  return profile
}

/** Takes the profile of a colour space out of a file that sharp has written with it. */
export async function profileOf(space: 'srgb' | 'p3' | 'cmyk'): Promise<Buffer> {
  const pixel = sharp({ create: { width: 1, height: 1, channels: 3, background: '#808080' } })
  const image =
    space === 'cmyk'
      ? pixel.toColourspace('cmyk').withIccProfile('cmyk').tiff()
      : pixel.withIccProfile(space).png()
  const { icc } = await sharp(await image.toBuffer()).metadata()
  if (icc === undefined) throw new Error(`expected a profile of ${space}`)
  return icc
}
