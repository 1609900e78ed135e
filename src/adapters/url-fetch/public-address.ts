import { networkInterfaces } from 'node:os'
import ipaddr from 'ipaddr.js'

/** Globally routable by its range, and yet answered by the cloud's own host (Azure's WireServer). */
const METADATA_HOSTS: readonly string[] = ['168.63.129.16']

/**
 * Tells whether an address is one of the public internet, by IANA's special-purpose registries (RFC 6890) as of 2026.
 * Those that carry an IPv4 address inside are refused whatever it is: mapped, compatible, NAT64, 6to4, Teredo, ISATAP.
 * @param address without brackets; one with a zone is not public, nor is text that is no address.
 */
export function isPublicAddress(address: string): boolean {
  if (!ipaddr.isValid(address)) return false
  const parsed = ipaddr.parse(address)
  if (parsed.kind() === 'ipv4') {
    return parsed.range() === 'unicast' && !METADATA_HOSTS.includes(parsed.toString())
  }
  const { parts, zoneId } = parsed as ipaddr.IPv6
  // All of the public internet lies in 2000::/3.
  const isGlobalUnicast = parts[0]! >> 13 === 1
  const isIsatap = (parts[4]! & 0xfdff) === 0 && parts[5] === 0x5efe
  return zoneId === undefined && isGlobalUnicast && !isIsatap && parsed.range() === 'unicast'
}

/** Tells whether this machine answers to it: a public address of ours reaches what a firewall hides from others. */
export function isOwnAddress(address: string): boolean {
  const wanted = ipaddr.parse(address).toNormalizedString()
  return Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .some((own) => ipaddr.parse(own.address.split('%')[0]!).toNormalizedString() === wanted)
}
