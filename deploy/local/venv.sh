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

echo "Installing the packages of $lock ..."
# The lock is complete and has the hash of each file: nothing is to be resolved.
.venv/bin/python -m pip install -qq --disable-pip-version-check --no-deps --require-hashes -r "$lock" ||
    fail "The packages of $lock could not be installed (see above): is there a network, and space on the disk?"
.venv/bin/python -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation \
    -e . -e shared/dramatiq-nats -e clients/python || fail "The project itself could not be installed into .venv (see above)."
echo "$wanted" >"$stamp"
