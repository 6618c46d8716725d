# Debian packages that Aforo needs, and how to get the missing ones. Sourced by quickstart and runtests (bash).
# shellcheck shell=bash disable=SC2034

# To build and run.
BUILD_PACKAGES=(
    gcc libc6-dev make autoconf automake pkgconf gettext libsqlite3-dev libssl-dev libargon2-dev
    libp11-kit-dev libzstd-dev zlib1g-dev libexpat1-dev libzip-dev libncurses-dev libxlsxwriter-dev
    libhpdf-dev fonts-dejavu-core tzdata libqrencode-dev libharfbuzz-dev libtss2-dev libpng-dev
    libzint-dev
)
# To test as well.
TEST_PACKAGES=(
    check clang-14 libclang-rt-14-dev clang-format-14 shellcheck git xz-utils python3-jsonschema tmux jq
    poppler-utils sqlite3 unzip openssl procps xxd softhsm2 swtpm tpm2-openssl tpm2-tools age zbar-tools
    faketime golang-go golang-golang-x-mod-dev perl zsh man-db groff python3-openpyxl ledger
)
# For the soak run's analysis.
SOAK_PACKAGES=(cppcheck clang-tidy-14 libreoffice-calc-nogui)
# To make a bare root (runtests --fresh).
FRESH_PACKAGES=(debootstrap mount git unzip)

# The packages of the arguments that are not installed, one a line.
packages_missing()
{
    local installed
    # Names that dpkg does not know make it fail; the others are listed all the same.
    installed=$(dpkg-query -W -f='${db:Status-Abbrev} ${Package}\n' "$@" 2>/dev/null | sed -n 's/^.i  *//p') || :
    comm -13 <(sort -u <<<"$installed") <(printf '%s\n' "$@" | sort -u)
}

# Install what is missing of the arguments: as root, else through sudo. Status 1, with the one line to run, when neither
# is at hand. Prints nothing when all are there.
packages_ensure()
{
    local -a missing=() as_root=()
    if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
        echo "This machine has no dpkg and apt-get: Aforo is built for Debian 12. On another system install what matches: $*" >&2
        return 1
    fi
    mapfile -t missing < <(packages_missing "$@")
    [ ${#missing[@]} -gt 0 ] || return 0
    if [ "$(id -u)" -ne 0 ]; then
        # Without a terminal sudo cannot ask for a password.
        if command -v sudo >/dev/null && { sudo -n true 2>/dev/null || { [ -t 0 ] && [ -t 2 ]; }; }; then
            as_root=(sudo)
        else
            packages_say_line "${missing[@]}"
            return 1
        fi
    fi
    echo "      installing ${#missing[@]} Debian packages: ${missing[*]}"
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq update </dev/null >&2 ||
        echo "      apt-get update failed; trying with the lists that are here" >&2
    if ! packages_apt "${as_root[@]}" -- "${missing[@]}"; then
        packages_say_line "${missing[@]}"
        return 1
    fi
}

# apt-get install, its output shown only when it fails.
packages_apt()
{
    local -a as_root=()
    local log status=0
    while [ "$1" != -- ]; do
        as_root+=("$1")
        shift
    done
    shift
    log=$(mktemp)
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -y -qq --no-install-recommends \
        -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=120 install "$@" </dev/null >"$log" 2>&1 || status=$?
    [ "$status" -eq 0 ] || tail -n 20 "$log" >&2
    rm -f "$log"
    return "$status"
}

packages_say_line()
{
    echo "Debian packages are missing. Run this line as root, then this script again:" >&2
    echo "    apt-get update && apt-get install -y --no-install-recommends $*" >&2
}
