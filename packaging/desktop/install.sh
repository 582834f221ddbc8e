#!/bin/sh
# Put the program into this user's menu and let a double click on a task file (.fewshot) open it.
#     sh install.sh [PROGRAM]        the program beside this folder, if none is named
#     sh install.sh --remove
set -eu
here=$(cd "$(dirname "$0")" && pwd)
data=${XDG_DATA_HOME:-$HOME/.local/share}
entry=$data/applications/fewshot-workbench.desktop
kind=$data/mime/packages/fewshot-workbench.xml

if [ "${1:-}" = --remove ]; then
    rm -f "$entry" "$kind"
else
    program=${1:-$here/../fewshot-workbench}
    if [ ! -x "$program" ]; then
        echo "$program is no program. Name it: sh install.sh PROGRAM" >&2
        exit 1
    fi
    program=$(cd "$(dirname "$program")" && pwd)/$(basename "$program")
    mkdir -p "$(dirname "$entry")" "$(dirname "$kind")"
    cp "$here/fewshot-workbench.xml" "$kind"
    # In quotes a path may hold spaces; by the rules of such files these four still want a backslash.
    quoted=$(printf '%s' "$program" | sed -e 's/[\\"`$]/\\\\&/g' -e 's/%/%%/g')
    while IFS= read -r line; do
        case $line in
        Exec=*) printf 'Exec="%s" %%f\n' "$quoted" ;;
        *) printf '%s\n' "$line" ;;
        esac
    done <"$here/fewshot-workbench.desktop" >"$entry"
fi
# Where the system keeps indexes of them.
if command -v update-mime-database >/dev/null; then update-mime-database "$data/mime"; fi
if command -v update-desktop-database >/dev/null; then update-desktop-database "$data/applications"; fi
