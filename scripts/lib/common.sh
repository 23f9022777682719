# shellcheck shell=bash
# Sourced by the scripts: places, messages, toolchain.

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cd "$ROOT" || exit

# shellcheck disable=SC2034 # not every script uses every colour
if [[ -t 1 ]]; then
    export CARGO_TERM_COLOR=always # also through tee
    BOLD=$'\e[1m' GREEN=$'\e[32m' RED=$'\e[31m' PLAIN=$'\e[0m'
else
    BOLD='' GREEN='' RED='' PLAIN=''
fi

step() { printf '%s==> %s%s\n' "$BOLD" "$*" "$PLAIN"; }
die() {
    printf '%s%s: %s%s\n' "$RED" "${0##*/}" "$*" "$PLAIN" >&2
    exit 1
}
# A program in PATH; `cargo` below is a function, too.
have() { type -P "$1" >/dev/null; }
# The comment at the head of the script
usage() { sed -n '2,/^set /s/^# \{0,1\}//p' "scripts/${0##*/}"; }
# minutes NUMBER_OF_SECONDS, as m:ss
minutes() { printf '%d:%02d' $(($1 / 60)) $(($1 % 60)); }

# scripts/setup records here a toolchain other than the default one.
TOOLCHAIN_ENV=$ROOT/target/toolchain.env
use_toolchain() {
    # shellcheck source=/dev/null
    if [[ -f $TOOLCHAIN_ENV ]]; then source "$TOOLCHAIN_ENV"; fi
}

export PATH="${CARGO_HOME:-$HOME/.cargo}/bin:$ROOT/end2end/node_modules/.bin:$PATH"
use_toolchain

# Leptos reads the name at compile time. One value for every call keeps cargo's artefacts shared between them.
cargo() { LEPTOS_OUTPUT_NAME=portal command cargo "$@"; }

# What browsers get names no folder of the machine that builds it. Flags of a target take the place of `build.rustflags` in
# .cargo/config.toml, so that its flag stands here again. One value for every call, as above.
browser_flags='--cfg erase_components'
for renamed in "${CARGO_HOME:-$HOME/.cargo}=cargo" "$ROOT=portal"; do
    # Cargo parts the flags at spaces.
    if [[ $renamed != *[[:space:]]* ]]; then browser_flags+=" --remap-path-prefix=$renamed"; fi
done
export CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS=$browser_flags
