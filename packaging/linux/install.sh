#!/bin/sh
# Installs Trilemma from this folder for one user; no root is needed.
#
#   ./install.sh              below ~/.local
#   ./install.sh PREFIX       below another folder
#
# It runs from where it was unpacked too, as bin/trilemma; installing adds menu, icons, file type,
# manual and completions. PREFIX/lib/trilemma/uninstall.sh takes all of it away again and leaves
# your own files.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
prefix=${1:-"$HOME/.local"}
mkdir -p "$prefix"
prefix=$(cd "$prefix" && pwd)
list="$prefix/lib/trilemma/installed-files"

if [ "$prefix" = "$here" ]; then
  echo "Give another folder than the one that is installed from." >&2
  exit 2
fi
if [ -f "$prefix/lib/trilemma/uninstall.sh" ]; then
  sh "$prefix/lib/trilemma/uninstall.sh" --quiet
fi

mkdir -p "$prefix/lib/trilemma"
(cd "$here" && find bin lib share ! -type d) | while IFS= read -r file; do
  mkdir -p "$prefix/$(dirname "$file")"
  cp -P "$here/$file" "$prefix/$file"
  printf '%s\n' "$file"
done > "$list.new"
mv "$list.new" "$list"

# The menu may not know the folder of the programs: it gets the whole path. In the quoted words of a
# desktop entry, backslash, quote, dollar and backquote are escaped, and a percent sign is doubled.
entry="$prefix/share/applications/trilemma.desktop"
program=$(printf '%s' "$prefix/bin/trilemma" | sed -e 's/[\\"$`]/\\\\&/g' -e 's/%/%%/g')
escaped=$(printf '%s' "$program" | sed -e 's/[\\&|]/\\&/g')
sed -e "s|^Exec=trilemma |Exec=\"$escaped\" |" "$entry" > "$entry.new"
mv "$entry.new" "$entry"

cp "$here/uninstall.sh" "$prefix/lib/trilemma/uninstall.sh"
chmod 755 "$prefix/lib/trilemma/uninstall.sh"
sh "$prefix/lib/trilemma/uninstall.sh" --refresh

echo "Installed: $prefix/bin/trilemma"
case ":$PATH:" in
  *":$prefix/bin:"*) ;;
  *) echo "$prefix/bin is not in PATH: the menu works, a terminal needs it there." ;;
esac
