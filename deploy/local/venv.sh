#!/bin/sh
# Makes .venv and keeps it at the lock: `deploy/local/venv.sh local|dev`. Does nothing when nothing changed.
set -eu
cd "$(dirname "$0")/../.."
lock="requirements/$1.txt"
stamp=".venv/.installed-$1"

fail() {
    printf '\n%s\n' "$*" >&2
    exit 1
}

recent_enough() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

find_python() {
    if [ -n "${PYTHON:-}" ]; then
        recent_enough "$PYTHON" || fail "PYTHON=$PYTHON is no Python 3.11 or newer."
        echo "$PYTHON"
        return
    fi
    for python in python3 python3.14 python3.13 python3.12 python3.11; do
        if recent_enough "$python"; then
            echo "$python"
            return
        fi
    done
    found=$(python3 --version 2>/dev/null || echo "no python3 at all")
    fail "Python 3.11 or newer is needed, and this machine has $found: install one (Debian: apt install python3 python3-venv)," \
        "or name one: make run PYTHON=/path/to/python3.12"
}

make_venv() {
    python=$(find_python)
    free=$(df -Pk . | awk 'NR == 2 { print int($4 / 1024) }')
    [ "$free" -ge 700 ] || fail "Only $free MiB are free on this disk, and the packages need 700 MiB: free some space first."
    echo "Making .venv with $("$python" --version) ..."
    rm -rf .venv
    if ! "$python" -m venv .venv; then
        rm -rf .venv
        fail "$python cannot make a virtual environment (see above). On Debian: apt install python3-venv"
    fi
}

# A virtual environment that was moved, or whose Python is gone, cannot be mended.
healthy() {
    [ -x .venv/bin/python ] && recent_enough .venv/bin/python && .venv/bin/python -m pip --version >/dev/null 2>&1 &&
        grep -q "VIRTUAL_ENV=.*$(pwd)/.venv" .venv/bin/activate
}

wanted=$(cat "$lock" pyproject.toml shared/dramatiq-nats/pyproject.toml clients/python/pyproject.toml | cksum)
if healthy; then
    [ "$(cat "$stamp" 2>/dev/null)" != "$wanted" ] || exit 0
else
    make_venv
fi

# uv takes a fraction of the time that pip does. It comes by pip, with its hash from the lock of all; where it cannot be had, or
# finds no index, pip does all of the work.
get_uv() {
    wanted_uv=$(awk '/^uv==/ { print; on = 1; next } on && /^ / { print; next } { on = 0 }' requirements/dev.txt)
    printf '%s\n' "$wanted_uv" >.venv/uv.txt
    .venv/bin/python -m pip install -qq --disable-pip-version-check --no-deps --require-hashes -r .venv/uv.txt
}

# Complete, with the hash of each file: nothing of it is to be resolved.
with_uv() {
    index=${PIP_INDEX_URL:-$(.venv/bin/python -m pip config get global.index-url 2>/dev/null || :)}
    export VIRTUAL_ENV="$PWD/.venv" UV_NATIVE_TLS=1 UV_SYSTEM_CERTS=1
    [ -z "$index" ] || export UV_DEFAULT_INDEX="${UV_DEFAULT_INDEX:-$index}"
    .venv/bin/uv pip install -q --no-deps --compile-bytecode --require-hashes -r "$lock" &&
        .venv/bin/uv pip install -q --no-deps --no-build-isolation -e . -e shared/dramatiq-nats -e clients/python
}

with_pip() {
    .venv/bin/python -m pip install -qq --disable-pip-version-check --no-deps --require-hashes -r "$lock" ||
        fail "The packages of $lock could not be installed (see above): is there a network, and space on the disk?"
    .venv/bin/python -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation \
        -e . -e shared/dramatiq-nats -e clients/python || fail "The project itself could not be installed into .venv (see above)."
}

echo "Installing the packages of $lock ..."
if ! { get_uv && with_uv; } >.venv/uv.log 2>&1; then
    with_pip
fi
echo "$wanted" >"$stamp"
