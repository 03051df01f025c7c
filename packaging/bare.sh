#!/bin/bash
# Tries what was built in a bare Debian without Python, as an ordinary user.
#
#   packaging/bare.sh DIST FOLDER [SUITE]     as root; FOLDER holds the bare system, SUITE is bookworm
#
# First the .deb: installed by apt, used, installed over itself, removed. Then the archive: used from
# where it was unpacked, installed, removed. Needs debootstrap; with Xvfb windows are shown too.
set -euo pipefail

dist=$(cd "$1" && pwd)
root=$2
suite=${3:-bookworm}
user=somebody
home=/home/$user

say() { printf '\n== %s\n' "$*"; }
inside() { chroot "$root" /usr/bin/env -i PATH=/usr/bin:/bin:/usr/sbin:/sbin HOME=/root DEBIAN_FRONTEND=noninteractive "$@"; }
# An ordinary user with an empty environment; what follows runs in their home.
as_user() { inside setpriv --reuid="$user" --regid="$user" --init-groups /usr/bin/env -i -C "$home" HOME="$home" PATH="/usr/bin:/bin" "$@"; }
fail() {
  echo "Wrong: $*" >&2
  exit 1
}

cleanup() {
  [ -z "${server:-}" ] || kill "$server" 2>/dev/null || true
  umount "$root/proc" 2>/dev/null || true
}
trap cleanup EXIT

say "A bare system"
[ -x "$root/usr/bin/env" ] || debootstrap --variant=minbase "$suite" "$root" >/dev/null
mountpoint -q "$root/proc" || mount -t proc proc "$root/proc"
chmod 755 "$root/dev/shm" # nobody but root may write shared memory
. "$root/etc/os-release"
echo "$PRETTY_NAME, $(inside dpkg-query -W | wc -l) packages"
if inside sh -c 'command -v python3'; then fail "it has Python"; fi
inside id "$user" >/dev/null 2>&1 || inside useradd --create-home "$user"

display=
if command -v Xvfb >/dev/null; then
  Xvfb -displayfd 9 -screen 0 1400x900x24 -nolisten tcp 9>"$root/tmp/display" >/dev/null 2>&1 &
  server=$!
  for _ in $(seq 100); do [ -s "$root/tmp/display" ] || sleep 0.1; done
  display=":$(cat "$root/tmp/display")"
fi

# The programs in a folder: version, every example, the window.
try() {
  local programs=$1 examples=$2 question code made
  as_user "$programs/trilemma" --version
  for question in $(cd "$root$examples" && ls ./*.toml); do
    code=0
    as_user "$programs/trilemma" plan "$examples/${question#./}" --quiet --json answer.json || code=$?
    case $code in 0 | 3 | 5) ;; *) fail "$question ended with $code" ;; esac
    as_user "$programs/trilemma-worker" check answer.json >/dev/null
    echo "plan ${question#./}: $code, checked"
  done
  code=0
  as_user "$programs/trilemma" 2>"$root/tmp/said" || code=$?
  [ "$code" = 1 ] || fail "without a display it ended with $code"
  grep -q "There is no display" "$root/tmp/said" || fail "without a display it said nothing"
  echo "without a display: told"
  for made in offscreen x11; do
    if [ "$made" = x11 ] && [ -z "$display" ]; then continue; fi
    as_user QT_QPA_PLATFORM="${made/x11/xcb}" DISPLAY="$display" "$programs/trilemma" \
      --self-check "$home/made-$made" >"$root/tmp/steps" 2>"$root/tmp/said" ||
      fail "$made: $(cat "$root/tmp/steps" "$root/tmp/said")"
    if grep -v "does not support propagateSizeHints" "$root/tmp/said"; then fail "$made said that"; fi
    echo "window $made: $(paste -sd, "$root/tmp/steps")"
  done
}

# What the user has made and kept, by name and content.
theirs() { (cd "$root$home" && find . -type f ! -path './.cache/*' -print0 | sort -z | xargs -0 sha256sum); }
left() { find "$root" -xdev \( -path "$root/proc" -o -path "$root$home" -o -path "$root/var/log" -o -path "$root/var/cache" \) -prune -o -iname '*trilemma*' -print; }

say "The package"
package=$(ls "$dist"/trilemma_*.deb)
cp "$package" "$root/tmp/"
inside apt-get update -qq
before=$(inside dpkg-query -W | wc -l)
inside sh -c 'apt-get install -y -qq /tmp/trilemma_*.deb >/tmp/apt.log 2>&1' || fail "$(tail -5 "$root/tmp/apt.log")"
echo "$(basename "$package"): $(($(inside dpkg-query -W | wc -l) - before)) packages installed"
inside sh -c 'command -v python3' && fail "it brought Python"
[ -z "$(find "$root/usr/lib/trilemma" ! -uid 0)" ] || fail "not everything belongs to root"
try /usr/bin /usr/share/doc/trilemma/examples

say "Upgrade and removal"
theirs >"$root/tmp/before"
inside sh -c 'apt-get install -y -qq --reinstall /tmp/trilemma_*.deb >/tmp/apt.log 2>&1'
theirs | cmp - "$root/tmp/before"
echo "upgrade: $(wc -l <"$root/tmp/before") files of the user are as they were"
inside apt-get purge -y -qq trilemma >/dev/null 2>&1
theirs | cmp - "$root/tmp/before"
rm "$root"/tmp/trilemma_*.deb
[ -z "$(left)" ] || fail "left behind: $(left)"
echo "removal: nothing left but them"

say "The archive"
as_user mkdir -p "unpacked here"
tar -C "$root$home/unpacked here" -xJf "$dist"/trilemma-*-linux-*.tar.xz --no-same-owner
chroot "$root" chown -R "$user:$user" "$home/unpacked here"
folder=$(cd "$root$home/unpacked here" && ls)
ln -sfn "unpacked here/$folder" "$root$home/trilemma-here"
try "$home/trilemma-here/bin" "$home/trilemma-here/share/doc/trilemma/examples"
as_user "$home/trilemma-here/install.sh"
try "$home/.local/bin" "$home/.local/share/doc/trilemma/examples"
as_user "$home/.local/lib/trilemma/uninstall.sh"
rm -r "$root$home/unpacked here" "$root$home/trilemma-here"
theirs | cut -c67- >"$root/tmp/after"
cut -c67- "$root/tmp/before" | diff - "$root/tmp/after" || fail "that is left"
echo "removal: nothing left but the user's files"

say "All is well"
