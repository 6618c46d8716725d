#!/usr/bin/env bash
# quickstart in a bare Debian 12 root, where no missing package can hide. Called by ./runtests --fresh; needs root.
# usage: fresh.sh [root|sudo]      who runs quickstart in there: root, or an ordinary user with sudo
#
# The commit is cloned into the root; what is not committed is not tested. Mounts are made in a mount namespace of their
# own, so that none outlives this script, however it ends. The bare root itself is kept as a tarball for 30 days in
# ${XDG_CACHE_HOME:-/var/cache}/aforo.
set -euo pipefail
top=$(cd "$(dirname "$0")/../.." && pwd)
cd "$top"
# shellcheck source=packages.sh
. tests/lib/packages.sh
# shellcheck source=tally.sh
. tests/lib/tally.sh

first_seconds_max=300
again_seconds_max=20
inside=/srv/aforo

case ${1:-root} in
root | sudo | --inside) ;;
*)
    echo "usage: ./runtests --fresh [sudo]" >&2
    exit 2
    ;;
esac
if [ "$(id -u)" -ne 0 ]; then
    echo "runtests --fresh makes a root folder with debootstrap and must run as root: sudo ./runtests --fresh" >&2
    exit 1
fi

# --- inside the namespace -------------------------------------------------------------------------------------------

pass()
{
    echo "pass 1 $1" >>"$results"
    echo "ok: $1"
}
fail()
{
    echo "fail $1${2:+: $2}" >>"$results"
    echo "FAILED: $1${2:+: $2}"
}

# in_root COMMAND...: with an environment as empty as a machine's can be: no HOME, no LANG, no input.
in_root()
{
    env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
        ${http_proxy:+http_proxy="$http_proxy"} ${https_proxy:+https_proxy="$https_proxy"} \
        ${no_proxy:+no_proxy="$no_proxy"} \
        chroot "${chroot_options[@]}" "$root" /bin/sh -c "cd $inside && $*" </dev/null
}

# timed NAME SECONDS_MAX COMMAND: must succeed within the time.
timed()
{
    local name=$1 most=$2 begun=$SECONDS status=0
    shift 2
    in_root "$@" || status=$?
    if [ "$status" -ne 0 ]; then
        fail "$name" "exit status $status"
    elif [ $((SECONDS - begun)) -gt "$most" ]; then
        fail "$name" "took $((SECONDS - begun)) s, at most $most s"
    else
        pass "$name ($((SECONDS - begun)) s)"
    fi
    return "$status"
}

# Without packages, without root, without sudo: exactly one apt line, status 1, nothing else done.
without_rights()
{
    local status=0
    local -a chroot_options=(--userspec=65534:65534)
    in_root ./quickstart >"$work/refused" 2>&1 || status=$?
    if [ "$status" -eq 1 ] && [ "$(grep -c 'apt-get install' "$work/refused")" -eq 1 ]; then
        pass "without root and sudo, quickstart names the one apt line"
    else
        cat "$work/refused"
        fail "without root and sudo, quickstart names the one apt line" "exit status $status"
    fi
}

# An ordinary user who may use sudo without a password owns the clone.
become_ordinary()
{
    local -a chroot_options=()
    in_root 'export DEBIAN_FRONTEND=noninteractive; apt-get -qq update && apt-get -y -qq --no-install-recommends install sudo' \
        >"$work/sudo.log" 2>&1 || {
        tail -n 5 "$work/sudo.log"
        return 1
    }
    in_root "useradd -m -u 1000 clerk && chown -R clerk: $inside"
    echo 'clerk ALL=(ALL) NOPASSWD: ALL' >"$root/etc/sudoers.d/clerk"
}

inside_namespace()
{
    local -a chroot_options=()
    local office=$root$inside/demo-office file found
    mount -t proc proc "$root/proc"
    mount --rbind /dev "$root/dev"
    if [ -n "$data" ]; then
        mkdir -p "$root/srv/shared/data"
        mount --bind "$data" "$root/srv/shared/data"
        mount -o remount,bind,ro "$root/srv/shared/data"
    fi

    without_rights
    if [ "$who" = sudo ]; then
        become_ordinary || fail "an ordinary user with sudo"
        chroot_options=(--userspec=1000:1000)
    fi
    timed "quickstart in the bare root, as $who" "$first_seconds_max" ./quickstart || return 0

    found=0
    while IFS= read -r file; do
        if head -c 5 "$file" | grep -q '^%PDF-' && tail -c 16 "$file" | grep -q '%%EOF'; then
            found=$((found + 1))
        else
            fail "PDF" "$file is not whole"
        fi
    done < <(find "$office" -name '*.pdf' 2>/dev/null)
    if [ "$found" -gt 0 ]; then pass "$found PDF files are there"; else fail "PDF" "there is none in demo-office"; fi

    found=0
    while IFS= read -r file; do
        if unzip -tqq "$file" >/dev/null && unzip -tqq "$file" xl/worksheets/sheet1.xml >/dev/null; then
            found=$((found + 1))
        else
            fail "xlsx" "$file is not whole"
        fi
    done < <(find "$office" -name '*.xlsx' 2>/dev/null)
    if [ "$found" -gt 0 ]; then pass "$found xlsx files are there"; else fail "xlsx" "there is none in demo-office"; fi

    if [ -s "$office/summary.txt" ]; then pass "summary.txt is there"; else fail "summary.txt" "it is not there"; fi
    timed "the office's ledger and tables verify (--deep)" 60 "$verify" || :
    timed "quickstart again" "$again_seconds_max" ./quickstart || :
    timed "the office verifies after the second run" 60 "$verify" || :
}

if [ "${1:-}" = --inside ]; then
    # shellcheck disable=SC2153 # set by the outer half
    root=$FRESH_ROOT who=$FRESH_WHO work=$FRESH_WORK results=$FRESH_WORK/results data=$FRESH_DATA
    verify="build/aforo --office demo-office verify --deep"
    inside_namespace
    exit 0
fi

# --- outside --------------------------------------------------------------------------------------------------------

begun=$SECONDS
packages_ensure "${FRESH_PACKAGES[@]}"
cache=${XDG_CACHE_HOME:-/var/cache}/aforo
tarball=$cache/bookworm-minbase-$(dpkg --print-architecture).tar
work=$(mktemp -d)
results=$work/results
: >"$results"
child=
# Killing unshare kills all that runs in the root, and its mounts go with the namespace.
clean_up()
{
    if [ -n "$child" ]; then
        kill -KILL "$child" 2>/dev/null || :
        wait "$child" 2>/dev/null || :
    fi
    # What was killed may write its last while this removes.
    rm -rf --one-file-system "$work" || { sleep 1 && rm -rf --one-file-system "$work"; }
}
trap clean_up EXIT
trap 'exit 130' INT TERM HUP
root=$work/root
data=$(cd "${AFORO_DATA:-$top/../shared/data}" 2>/dev/null && pwd) || data=

# This machine's Debian mirrors, as lines of sources.list.
debian_sources()
{
    # shellcheck disable=SC2016 # the names are apt's, not the shell's
    apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' 'Identifier: Packages' 2>/dev/null |
        awk '$2 ~ /^bookworm/ { print "deb", $1, $2, $3 }' | LC_ALL=C sort -u
}

make_root()
{
    local mirror
    mirror=$(debian_sources | awk '$3 == "bookworm" && $4 == "main" { print $2; exit }')
    rm -f "$tarball".part.*
    debootstrap --variant=minbase bookworm "$root" "${mirror:-http://deb.debian.org/debian}" >"$work/debootstrap.log" 2>&1 || {
        tail -n 20 "$work/debootstrap.log" >&2
        return 1
    }
    rm -f "$root"/var/cache/apt/archives/*.deb
    mkdir -p "$cache"
    tar -C "$root" --numeric-owner --xattrs -cf "$tarball.part.$$" .
    mv -f "$tarball.part.$$" "$tarball"
}

# What makes apt work here must make it work there: mirrors, keys, proxy, name service. Other repositories stay outside.
prepare_apt()
{
    local key sources
    sources=$(debian_sources)
    [ -z "$sources" ] || printf '%s\n' "$sources" >"$root/etc/apt/sources.list"
    for key in /etc/apt/trusted.gpg.d/* /etc/apt/keyrings/* /usr/share/keyrings/*; do
        case $key in
        *.gpg | *.asc) cp -n "$key" "$root/etc/apt/trusted.gpg.d/" ;;
        esac
    done
    apt-config dump | grep -E '^Acquire::(http|https|Retries|Check|ForceIPv)' >"$root/etc/apt/apt.conf.d/99host" || :
    cp -L /etc/resolv.conf /etc/hosts "$root/etc/" 2>/dev/null || :
    if grep -q ' https:' <<<"$sources"; then
        install -D -m 644 /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/ca-certificates.crt"
    fi
}

# git refuses a clone from another user's folder; a private configuration says that this one is meant.
clone()
{
    printf '[safe]\n\tdirectory = *\n' >"$work/.gitconfig"
    HOME=$work git clone --quiet --no-hardlinks "file://$top" "$root$inside"
    HOME=$work git -C "$root$inside" checkout --quiet --detach "$(HOME=$work git -C "$top" rev-parse HEAD)"
}

mkdir -p "$root"
find "$cache" -name "${tarball##*/}" -mtime +30 -delete 2>/dev/null || :
if [ -f "$tarball" ]; then
    echo "bare root from $tarball"
    tar -C "$root" --numeric-owner --xattrs -xf "$tarball"
else
    echo "bare root by debootstrap"
    make_root
fi
echo "pass 1 bare root" >>"$results"
prepare_apt
clone
[ -z "$(git -C "$top" status --porcelain 2>/dev/null)" ] || echo "note: changes that are not committed are not in the clone"

# In the background, so that a signal is heard at once.
FRESH_ROOT=$root FRESH_WORK=$work FRESH_DATA=$data FRESH_WHO=${1:-root} \
    unshare --mount --pid --fork --kill-child --propagation private "$top/tests/lib/fresh.sh" --inside &
child=$!
wait "$child" || echo "fail fresh: stopped early" >>"$results"
child=
echo "$((SECONDS - begun)) s"
tally_report "$results"
