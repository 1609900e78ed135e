import assert from 'node:assert/strict'
import { networkInterfaces } from 'node:os'
import { test } from 'node:test'
import { isOwnAddress, isPublicAddress } from '../../../src/adapters/url-fetch/public-address.ts'

/** IANA's IPv4 special-purpose registry and multicast, copied from the registries. */
const SPECIAL_IPV4 = [
  ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16'],
  ...['172.16.0.0/12', '192.0.0.0/24', '192.0.2.0/24', '192.31.196.0/24', '192.52.193.0/24'],
  ...['192.88.99.0/24', '192.168.0.0/16', '192.175.48.0/24', '198.18.0.0/15', '198.51.100.0/24'],
  ...['203.0.113.0/24', '224.0.0.0/4', '240.0.0.0/4', '255.255.255.255/32'],
]

/** The same of IPv6, deprecated site-local addresses (RFC 3879) and IPv4-compatible ones (RFC 4291). */
const SPECIAL_IPV6 = [
  ...['::/96', '::ffff:0:0/96', '::ffff:0:0:0/96', '64:ff9b::/96', '64:ff9b:1::/48', '100::/64'],
  ...['100:0:0:1::/64', '2001::/23', '2001:2::/48', '2001:3::/32', '2001:4:112::/48'],
  ...['2001:10::/28', '2001:20::/28', '2001:30::/28', '2001:db8::/32', '2002::/16'],
  ...['2620:4f:8000::/48', '3fff::/20', '5f00::/16', 'fc00::/7', 'fe80::/10', 'fec0::/10'],
  'ff00::/8',
]

function numberOf(address: string): { value: bigint; bits: number } {
  if (!address.includes(':')) {
    return {
      value: address.split('.').reduce((sum, part) => sum * 256n + BigInt(part), 0n),
      bits: 32,
    }
  }
  const [head = '', tail] = address.split('::')
  const before = head === '' ? [] : head.split(':')
  const after = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => '0')
  const groups = tail === undefined ? before : [...before, ...zeros, ...after]
  return { value: groups.reduce((sum, part) => sum * 65536n + BigInt(`0x${part}`), 0n), bits: 128 }
}

function textOf(value: bigint, bits: number): string {
  const size = bits === 32 ? 8n : 16n
  const parts = Array.from({ length: bits / Number(size) }, (_, i) => {
    return (value >> (BigInt(bits) - size * BigInt(i + 1))) & ((1n << size) - 1n)
  })
  return bits === 32 ? parts.join('.') : parts.map((part) => part.toString(16)).join(':')
}

for (const range of [...SPECIAL_IPV4, ...SPECIAL_IPV6]) {
  test(`no address of ${range} is public`, () => {
    const [network = '', length = ''] = range.split('/')
    const { value, bits } = numberOf(network)
    const last = value + (1n << BigInt(bits - Number(length))) - 1n
    for (const one of [value, value + (last - value) / 2n, value + (last - value) / 3n, last]) {
      const address = textOf(one, bits)
      assert.equal(isPublicAddress(address), false, address)
    }
  })
}

const NEIGHBOURS = [
  ...['1.1.1.1', '8.8.8.8', '9.255.255.255', '11.0.0.0', '100.63.255.255', '100.128.0.0'],
  ...['126.255.255.255', '128.0.0.0', '169.253.255.255', '169.255.0.0', '172.15.255.255'],
  ...['172.32.0.0', '191.255.255.255', '192.0.1.0', '192.167.255.255', '192.169.0.0'],
  ...['198.17.255.255', '198.20.0.0', '203.0.112.255', '203.0.114.0', '223.255.255.255'],
  ...['2001:200::1', '2001:4860:4860::8888', '2003::1', '2606:4700:4700::1111', '2a00:1450::1'],
]
for (const address of NEIGHBOURS) {
  test(`${address} is public`, () => assert.equal(isPublicAddress(address), true))
}

const OTHERS = [
  ...['168.63.129.16', '4000::1', 'e000::1', '1fff::1', '::', '::1', '::ffff:8.8.8.8', '::8.8.8.8'],
  ...['64:ff9b::8.8.8.8', '2a00:1450::5efe:7f00:1', '2a00:1450::200:5efe:a00:1'],
  ...['fe80::1%eth0', '2606:4700::1%1', '', 'localhost', '1.2.3.4.5', '[::1]', '8.8.8.8 '],
]
for (const address of OTHERS) {
  test(`${JSON.stringify(address)} is not public`, () =>
    assert.equal(isPublicAddress(address), false))
}

test('the addresses of this machine are its own, whichever way they are written', () => {
  const own = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? [])
  assert.ok(own.length > 0)
  for (const { address } of own) assert.ok(isOwnAddress(address.split('%')[0]!), address)
  assert.equal(isOwnAddress('8.8.8.8'), false)
})
