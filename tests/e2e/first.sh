#!/usr/bin/env bash
# The first run, and what the program says of itself: an office made by answering questions, help, the manual page and the
# completions of bash and zsh cover every command, and `make install` puts them in their places.
set -euo pipefail
bin=$(realpath "${AFORO_BIN:?}") top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
# shellcheck source=../lib/tour.sh
. "$top/tests/lib/tour.sh"
work=$(mktemp -d)
trap 't kill-server 2>/dev/null || true; rm -rf "$work"' EXIT
mkdir "$work/empty"

# sees_times WHAT N PATTERN: stands on N lines before the deadline (a password's prompt takes nothing that was typed ahead)
times() { [ "$(screen | grep -cE -- "$2")" -eq "$1" ]; }
sees_times()
{
    local end=$((SECONDS + tour_seconds))
    while [ $SECONDS -lt $end ] && ! times "$2" "$3"; do sleep 0.05; done
    holds "$1" times "$2" "$3"
}

# --- without a terminal ---
(cd "$work/empty" && AFORO_LANG=en "$bin" </dev/null >"$work/out")
holds "without a terminal it prints how to begin" grep -q 'aforo init --code' "$work/out"
holds "and makes nothing" [ -z "$(ls "$work/empty")" ]

# --- an office by questions ---
tour_start 100 30 "cd '$work/empty'; env LC_ALL=C.UTF-8 LANG=en_US.UTF-8 AFORO_LANG=en '$bin'"
sees "the first question is the language" "Español: 1 +English: 2 +\[2\]"
keys Enter
sees "it says that there is no office, and offers two ways" "1 +make an office here"
keys 1 Enter
sees "it asks for the name" "The office's name"
keys Enter
sees "which is needed" "an answer is needed"
keys "Aguas de Prueba" Enter
sees "a code" "A short code for it \[OF01\]"
keys "mal código" Enter
sees "a wrong one is refused at once" "2 to 16 of the characters"
keys AP1 Enter
sees "the currency" "currency \[USD\]"
keys XXQ Enter
sees "an unknown one is refused" "ISO 4217"
keys EUR Enter
sees "the time zone" "time zone \[.*/.*\]"
keys Mars/Olympus Enter
sees "an unknown one is refused" "Mars/Olympus"
keys Europe/Madrid Enter
sees "numbers and dates" "numbers and dates \[en_US\]"
keys es_ES Enter
sees "the administrator" "administrator's name"
keys "Ana Ficticia" Enter
sees "the login" "to log in \[admin\]"
keys ana Enter
sees "the password" "password:"
keys corta Enter
sees_times "twice" 1 "same again"
keys corta Enter
sees "a short one is refused" "too short: at least"
sees_times "and asked for again" 2 "administrator's password"
keys clave-de-prueba Enter
sees_times "twice" 2 "same again"
keys clave-de-pruebA Enter
sees "two that differ are refused" "They differ"
sees_times "and asked for again" 3 "administrator's password"
keys clave-de-prueba Enter
sees_times "twice" 3 "same again"
keys clave-de-prueba Enter
sees "it says what it will do" "Aforo will make the office \"Aguas de Prueba\" \(AP1\)"
misses "the password never stands on the screen" "clave-de"
holds "nothing is made before the answer" [ ! -e "$work/empty/office" ]
keys y Enter
sees "the recovery key is shown once" "recovery key, shown only now"
keys Enter
sees "the console opens" "User\* +▶?\["
keys ana Tab clave-de-prueba Enter
sees "and the administrator is in" "F10|Meters"
keys F10
keys y
sees "it leaves" "left with 0"
"$bin" --office "$work/empty/office" verify --deep >/dev/null
holds "the office is what was answered" [ "$(sqlite3 "$work/empty/office/office.db" 'SELECT code, name, currency, zone, locale FROM office')" = 'AP1|Aguas de Prueba|EUR|Europe/Madrid|es_ES' ]

# --- refusing ---
mkdir "$work/other"
tour_start 100 30 "cd '$work/other'; env LC_ALL=C.UTF-8 AFORO_LANG=es '$bin' --lang es"
sees "in Spanish" "crear una oficina aquí"
keys 2 Enter
sees "the demo says what it will do" "diez contadores de agua"
keys n Enter
sees "a no makes nothing" "no se creó nada"
holds "nothing at all" [ -z "$(ls "$work/other")" ]
if [ -n "${AFORO_SOAK:-}" ]; then
    tour_seconds=120
    tour_start 100 30 "cd '$work/other'; env LC_ALL=C.UTF-8 AFORO_LANG=en '$bin' --lang en"
    sees "the demo is offered" "2 +make a demo office"
    keys 2 Enter y Enter
    sees "the demo is made" "olga \(operator\)"
    keys Enter
    sees "and the console opens on it" "User\* +▶?\["
    keys F10
fi

# --- what it says of itself ---
commands=$(grep -c '^COMMAND(' "$top/src/app/commands.def")
cut -d, -f2 "$top/docs/permissions.csv" | tail -n +2 | sort -u >"$work/named"
grep -v '^approve \|^backup$\|^personal \(read\|export\)$' "$work/named" | while read -r -a name; do
    if AFORO_LANG=en "$bin" help "${name[@]}" >/dev/null 2>&1; then echo "${name[*]}"; fi
done | sort -u >"$work/commands"
sed -n 's/^VERB([a-z_]*, "\([a-z ]*\)".*/\1/p' "$top/src/verbs.def" | sort -u >"$work/verbs"
holds "every command is explained by help" [ "$(wc -l <"$work/commands")" = "$commands" ]
"$bin" help caja >"$work/found"
holds "help finds by other words" grep -q '^  drawer open ' "$work/found"
holds "in screens too" grep -q '^  :drawers ' "$work/found"
cat "$work/commands" "$work/verbs" >"$work/all"
builddir=$(dirname "$bin")
for lang in en es; do
    AFORO_LANG=$lang "$bin" help --format man >"$work/aforo.$lang.1"
    LC_ALL=C.UTF-8 MANWIDTH=120 man --warnings -l "$work/aforo.$lang.1" >"$work/man.$lang" 2>"$work/warnings"
    holds "the manual page ($lang) is good roff" [ ! -s "$work/warnings" ]
    missing=$(while read -r name; do grep -qE -- "^ +$name( |$)" "$work/man.$lang" || echo "$name"; done <"$work/all")
    holds "the manual page ($lang) has every command" [ -z "$missing" ]
done
options=$("$bin" --lang en help meter add | grep -c '^    --')
holds "with its options" [ "$(sed -n '/^ *meter add$/,/^ *meter register$/p' "$work/man.en" | grep -cE '^ +--')" = "$options" ]

"$bin" help --format bash >"$work/bash"
# complete WORD...: what bash offers for the last word
complete_bash()
{
    COMP_WORDS=(aforo "$@") bash -c '. "$0"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _aforo; printf "%s\n" "${COMPREPLY[@]}"' \
        "$work/bash" aforo "$@"
}
holds "the completion of bash is clean" shellcheck -s bash -e SC2034,SC2221,SC2222 "$work/bash"
complete_bash "" | sort -u >"$work/firsts"
holds "bash offers every first word" [ "$(cut -d' ' -f1 "$work/all" | sort -u)" = "$(cat "$work/firsts")" ]
missing=$(sed -n 's/^\([a-z-]*\) .*/\1/p' "$work/all" | sort -u | while read -r first; do
    complete_bash "$first" "" | sed "s/^/$first /"
done | sort -u | comm -13 - <(grep ' ' "$work/all" | sort -u))
holds "and every second word" [ -z "$missing" ]
holds "the options of a command" [ "$(complete_bash meter add --k)" = --kind ]
holds "its choices" [ "$(complete_bash --office x meter add --kind "" | tr '\n' ' ')" = "water energy gas " ]
holds "reports" [ "$(complete_bash list meter | head -n 1)" = meters ]

"$bin" help --format zsh >"$work/_aforo"
holds "the completion of zsh is one that zsh can read" zsh -n "$work/_aforo"
# words typed so far -> what would be offered, by functions that print instead of completing
complete_zsh()
{
    zsh -f -c 'compadd() { shift; print -l -- "$@"; }; _describe() { print -l -- "${(P@)2%%:*}"; }; _files() { print FILES; }
        file=$1; shift; words=(aforo "$@"); CURRENT=$#words; . $file' - "$work/_aforo" "$@"
}
complete_zsh "" | sort -u >"$work/firsts"
holds "zsh offers every first word" [ "$(cut -d' ' -f1 "$work/all" | sort -u)" = "$(cat "$work/firsts")" ]
holds "second words" [ "$(complete_zsh drawer "" | tr '\n' ' ')" = "open move hand-over close " ]
holds "options and choices" [ "$(complete_zsh meter add --kind "" | tr '\n' ' ')" = "water energy gas " ]

# --- installed ---
if [ -f "$builddir/Makefile" ]; then
    make -s -C "$builddir" install DESTDIR="$work/root" >"$work/install" 2>&1 || cat "$work/install"
    for file in man/man1/aforo.1 man/es/man1/aforo.1 bash-completion/completions/aforo zsh/site-functions/_aforo; do
        holds "make install brings $file" [ -n "$(find "$work/root" -path "*/share/$file" -size +4k)" ]
    done
fi
tour_end
