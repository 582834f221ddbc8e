#!/bin/sh
# Makes the environment in folder $1, with extra $2 if named, unless it is there already for the present
# pyproject.toml and constraints.txt.
set -eu
cd "$(dirname "$0")/.."
venv=$1
extra=${2:-}

fail() {
    echo "$1" >&2
    exit 1
}

for candidate in "${PYTHON:-}" python3 python3.13 python3.12 python3.11 python; do
    [ -n "$candidate" ] || continue
    if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        python=$candidate
        break
    fi
done
[ -n "${python:-}" ] || fail "Python 3.11 or newer is needed; set PYTHON=/path/to/python if it is not on the PATH."

# The hash says what was installed, so that an edited pyproject.toml is noticed and nothing else costs time.
wanted=$("$python" - "$extra" <<'PYTHON'
import hashlib, pathlib, sys
text = b"".join(pathlib.Path(name).read_bytes() for name in ("pyproject.toml", "constraints.txt"))
where = str(pathlib.Path.cwd()).encode()
print(hashlib.sha256(text + where + sys.argv[1].encode()).hexdigest())
PYTHON
)
stamp="$venv/.installed${extra:+-$extra}"
inside="$venv/bin/python"
[ "${OS:-}" = Windows_NT ] && inside="$venv/Scripts/python"
if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ] && "$inside" -c '' 2>/dev/null; then
    exit 0
fi

if ! "$inside" -c 'import pip' 2>/dev/null; then
    if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
        sh packaging/system-packages.sh --install python3-venv >&2 ||
            fail "This Python cannot make environments; install python3-venv, then try again."
    fi
    "$python" -m venv --clear "$venv" ||
        fail "This Python cannot make environments; install python3-venv, then try again."
fi
echo "Installing into $venv (once; on Linux torch brings CUDA along, about 6 GB)" >&2
quiet=-qq
[ -t 2 ] && quiet=
"$inside" -m pip install $quiet --disable-pip-version-check --constraint constraints.txt \
    --editable ".${extra:+[$extra]}" >&2 ||
    fail "The installation failed; the lines above say why. Run the same command again to continue it."
echo "$wanted" >"$stamp"
