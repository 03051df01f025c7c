#!/bin/sh
# Takes away what install.sh has put below this folder's prefix, and nothing else.
#
#   ~/.local/lib/trilemma/uninstall.sh
set -eu

prefix=$(cd "$(dirname "$0")/../.." && pwd)
list="$prefix/lib/trilemma/installed-files"

# Menus and file types are read from caches that these tools write, where the desktop has them.
refresh() {
  if command -v update-desktop-database >/dev/null 2>&1; then
    update-desktop-database -q "$prefix/share/applications" || true
  fi
  if command -v update-mime-database >/dev/null 2>&1 && [ -d "$prefix/share/mime/packages" ]; then
    update-mime-database "$prefix/share/mime" || true
  fi
  if command -v gtk-update-icon-cache >/dev/null 2>&1 &&
    [ -f "$prefix/share/icons/hicolor/index.theme" ]; then
    gtk-update-icon-cache -q -f "$prefix/share/icons/hicolor" || true
  fi
}

if [ "${1:-}" = --refresh ]; then
  refresh
  exit 0
fi
if [ ! -f "$list" ]; then
  echo "$list is missing: nothing is known to be installed here." >&2
  exit 1
fi

while IFS= read -r file; do
  rm -f "$prefix/$file"
done < "$list"
# Folders that are empty now, from the innermost outwards; others of the prefix stay.
while IFS= read -r file; do
  folder=$(dirname "$file")
  while [ "$folder" != . ]; do
    printf '%s\n' "$folder"
    folder=$(dirname "$folder")
  done
done < "$list" | sort -ru | while IFS= read -r folder; do
  [ "$folder" = lib/trilemma ] || rmdir "$prefix/$folder" 2>/dev/null || true
done
refresh
rm -f "$list" "$prefix/lib/trilemma/uninstall.sh"
rmdir "$prefix/lib/trilemma" "$prefix/lib" 2>/dev/null || true
[ "${1:-}" = --quiet ] || echo "Trilemma is gone. Your questions, settings and measurements are as they were."
