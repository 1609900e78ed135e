#!/usr/bin/env bash
# Makes a base image of Debian and this machine's Node, for where no registry of images can be reached.
# usage: docker/make-base.sh IMAGE-NAME      needs root, debootstrap, buildah
set -euo pipefail
image=$1
export STORAGE_DRIVER=vfs BUILDAH_ISOLATION=chroot
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT

suite=$(. /etc/os-release && echo "$VERSION_CODENAME")
debootstrap --variant=minbase --include=ca-certificates "$suite" "$root" >/dev/null
# Node with its npm and headers, and the certificates that this machine trusts.
prefix=$(dirname "$(dirname "$(readlink -f "$(command -v node)")")")
tar -C "$prefix" -cf - bin/node bin/npm lib/node_modules/npm include/node | tar -C "$root/usr" -xf -
cp /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/ca-certificates.crt"
printf 'cafile=/etc/ssl/certs/ca-certificates.crt\n' >"$root/root/.npmrc"
rm -rf "$root"/var/cache/apt/archives/*.deb "$root"/var/lib/apt/lists/*

container=$(buildah from scratch)
buildah add --quiet "$container" "$root" / >/dev/null
buildah commit --quiet "$container" "$image" >/dev/null
buildah rm "$container" >/dev/null
echo "made $image from Debian $suite and Node $(node --version)"
