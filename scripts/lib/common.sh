# shellcheck shell=bash
# What every script here needs: where the clone is, how to speak, how to become root.

set -Eeuo pipefail
shopt -s inherit_errexit

ROLLCALL_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
BUILD_DIR=$ROLLCALL_ROOT/build
# What outlives a clone: compiler and npm caches, test images.
CACHE_DIR=${ROLLCALL_CACHE:-${HOME:-/tmp}/.cache/rollcall}
JOBS=${ROLLCALL_JOBS:-$(nproc)}
readonly ROLLCALL_ROOT BUILD_DIR CACHE_DIR JOBS
# Another clone finds what this one compiled.
export CCACHE_BASEDIR=$ROLLCALL_ROOT CCACHE_NOHASHDIR=1

say() { printf '%s\n' "$*"; }

# die SENTENCE...: one clear sentence, then out.
die()
{
    printf '%s: %s\n' "${0##*/}" "$*" >&2
    exit 1
}

have() { command -v "$1" >/dev/null 2>&1; }

is_root() { [[ $(id -u) == 0 ]]; }

# as_root COMMAND...: runs it as root, by sudo where we are not.
as_root()
{
    if is_root; then "$@"; else sudo -- "$@"; fi
}

can_be_root() { is_root || have sudo; }

# quietly LOG COMMAND...: the command's output goes to LOG; its end is shown if it fails.
quietly()
{
    local log=$1
    shift
    mkdir -p "$(dirname "$log")"
    if "$@" >"$log" 2>&1 </dev/null; then return 0; fi
    tail -n 40 "$log" >&2
    say "The whole output is in $log" >&2
    return 1
}

# free_mib FOLDER: what an ordinary user may still write there; the folder need not exist yet.
free_mib()
{
    local folder=$1
    while [[ ! -d $folder ]]; do folder=$(dirname "$folder"); done
    df --output=avail --block-size=1M "$folder" | tail -n 1 | tr -d ' '
}
