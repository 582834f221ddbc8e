#!/bin/sh
# Sees to the system libraries that Qt needs: installs what is missing where that is allowed, otherwise names it.
#   system-packages.sh xcb|wayland|offscreen…   what these platforms of Qt's need
#   system-packages.sh --install PACKAGE…       exactly these; fails where it may not
set -eu
cd "$(dirname "$0")/.."

root=
allowed() {
    command -v apt-get >/dev/null 2>&1 || return 1
    [ "$(id -u)" = 0 ] && return 0
    command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null && root="sudo -n" && return 0
    return 1
}

install() {
    allowed || return 1
    log=$(mktemp)
    # A package list that is out of date names files that are gone: refresh it, then install.
    if $root env DEBIAN_FRONTEND=noninteractive sh -c \
        "apt-get -qq update && apt-get -qq install --yes --no-install-recommends $*" >"$log" 2>&1; then
        rm -f "$log"
    else
        cat "$log" >&2
        rm -f "$log"
        return 1
    fi
}

if [ "$1" = --install ]; then
    shift
    install "$@"
    exit
fi

[ "$(uname -s)" = Linux ] || exit 0
python=python3
for candidate in "${PYTHON:-}" python3 python3.13 python3.12 python3.11; do
    if [ -n "$candidate" ] && "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        python=$candidate
        break
    fi
done
missing=$("$python" -I workbench/app/preflight.py "$@")
[ -n "$missing" ] || exit 0
install $missing 2>/dev/null ||
    echo "Qt needs system libraries that are not here: install $missing" >&2
