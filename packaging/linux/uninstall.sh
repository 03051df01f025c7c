#!/bin/sh
# Takes away what install.sh has put below this folder's prefix, and nothing else.
#
#   ~/.local/lib/trilemma/uninstall.sh
set -eu

prefix=$(cd "$(dirname "$0")/../.." && pwd)
list="$prefix/lib/trilemma/installed-files"

apps="$prefix/share/applications"
mime="$prefix/share/mime"
icons="$prefix/share/icons/hicolor"

# Menus and file types are read from caches that these tools write, where the desktop has them.
refresh() {
  if command -v update-desktop-database >/dev/null 2>&1 && [ -d "$apps" ]; then
    update-desktop-database -q "$apps" || true
  fi
  if command -v update-mime-database >/dev/null 2>&1 && [ -d "$mime/packages" ]; then
    # It says so where the prefix is not among those that the session reads.
    update-mime-database "$mime" >/dev/null 2>&1 || true
  fi
  if command -v gtk-update-icon-cache >/dev/null 2>&1 && [ -f "$icons/index.theme" ]; then
    gtk-update-icon-cache -q -f "$icons" || true
  fi
}

is_empty() { [ -z "$(ls -A "$1" 2>/dev/null)" ]; }

# Caches of nothing: the tools leave them where ours was the only entry.
drop_caches() {
  if [ "$(ls -A "$apps" 2>/dev/null)" = mimeinfo.cache ]; then rm -f "$apps/mimeinfo.cache"; fi
  if [ -d "$mime/packages" ] && is_empty "$mime/packages"; then
    for name in XMLnamespaces aliases generic-icons globs globs2 icons magic mime.cache subclasses \
      treemagic types version application/x-trilemma.xml; do
      rm -f "$mime/$name"
    done
    rmdir "$mime/application" 2>/dev/null || true
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
refresh
drop_caches
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
rm -f "$list" "$prefix/lib/trilemma/uninstall.sh"
rmdir "$prefix/lib/trilemma" "$prefix/lib" 2>/dev/null || true
[ "${1:-}" = --quiet ] || echo "Trilemma is gone. Your questions, settings and measurements are as they were."
