#!/usr/bin/env bash
# Builds the CPU image with buildah, starts it as its own user on a read-only root, and searches it once.
# usage: docker/build-and-try.sh [BASE-IMAGE]      needs root; without BASE-IMAGE also debootstrap
set -euo pipefail
cd "$(dirname "$0")/.."
export STORAGE_DRIVER=vfs BUILDAH_ISOLATION=chroot
base=${1:-localhost/lookalike-base}
image=localhost/lookalike
port=18080

if [ $# -eq 0 ] && ! buildah inspect --type image "$base" >/dev/null 2>&1; then
  docker/make-base.sh "$base"
fi
# In Docker's format, since that of OCI has no HEALTHCHECK.
buildah build --quiet --format docker --build-arg "BASE=$base" --ignorefile docker/Dockerfile.dockerignore \
  --file docker/Dockerfile --tag "$image" . >/dev/null
echo "built $image"

container=$(buildah from "$image")
root=$(buildah mount "$container")
log=$(mktemp)
cleanup() {
  [ -z "${service:-}" ] || kill "$service" 2>/dev/null || true
  [ -z "${service:-}" ] || wait "$service" 2>/dev/null || true
  buildah umount "$container" >/dev/null
  buildah rm "$container" >/dev/null
  rm -f "$log"
}
trap cleanup EXIT

user=$(buildah inspect --type image --format '{{.OCIv1.Config.User}}' "$image")
[ "$user" = 10001:10001 ] || { echo "expected the user 10001:10001, got '$user'" >&2; exit 1; }
# A chroot with mounts of its own takes the place of a container engine: its root is read-only, /data is a volume.
unshare --mount --propagation private bash -c '
  set -e
  mount --bind "$1" "$1" && mount -o remount,ro,bind "$1"
  mount -t tmpfs -o mode=0700,uid=10001,gid=10001 tmpfs "$1/data"
  mount -t proc proc "$1/proc" && mount --rbind /dev "$1/dev"
  if touch "$1/written" 2>/dev/null; then echo "the root can be written" >&2; exit 1; fi
  exec chroot --userspec='"$user"' "$1" env -i PATH=/usr/local/bin:/usr/bin:/bin NODE_ENV=production \
    LOOKALIKE_HOST=0.0.0.0 LOOKALIKE_PORT='"$port"' LOOKALIKE_DATA=/data LOOKALIKE_MODELS=/models \
    LOOKALIKE_API_KEYS=try:write:0123456789abcdef0123 node /app/bin/lookalike.js serve
' bash "$root" >"$log" 2>&1 &
service=$!

call() { curl --silent --show-error --fail-with-body --max-time 30 -H 'Authorization: Bearer 0123456789abcdef0123' "$@"; }
url=http://127.0.0.1:$port
for _ in $(seq 120); do
  if call --output /dev/null "$url/readyz" 2>/dev/null; then break; fi
  kill -0 "$service" 2>/dev/null || { cat "$log" >&2; exit 1; }
  sleep 0.5
done

call --output /dev/null -X PUT -H 'Content-Type: application/json' -d '{}' "$url/v1/collections/try"
emoji=(examples/emoji/*/*.png)
for file in "${emoji[@]:0:6}"; do
  call --output /dev/null -X PUT -H 'Content-Type: image/png' --data-binary "@$file" \
    "$url/v1/collections/try/images/$(basename "$file")"
done
answer=$(call -F 'request={"query":{},"k":3};type=application/json' -F "image=@${emoji[0]}" \
  "$url/v1/collections/try/search")
echo "$answer"
case "$answer" in
  *"\"matches\":[{\"id\":\"$(basename "${emoji[0]}")\""*'"exact":true'*) ;;
  *) echo "expected ${emoji[0]} to be nearest to itself" >&2; cat "$log" >&2; exit 1 ;;
esac
# unshare and chroot hand over by exec, so this process is the service itself. It must end with status 0.
kill -TERM "$service"
wait "$service"
service=
echo "the image runs as $user on a read-only root, answers a search and shuts down"
