#!/usr/bin/env bash
# The office's keys in tokens, against the real daemons: SoftHSM2 with a private folder, swtpm with private state. Keys made, signing,
# replaced, revoked; what is said of a token that is missing, locked or another; verify --deep after it all; the recovery key.
set -euo pipefail
bin=${AFORO_BIN:?}
module=/usr/lib/softhsm/libsofthsm2.so
if [ ! -r $module ] || ! command -v swtpm >/dev/null; then
    echo "1..0 # SKIP softhsm2 or swtpm is not installed"
    exit 0
fi
work=$(mktemp -d)
tpm_pid=
cleanup()
{
    [ -z "$tpm_pid" ] || kill "$tpm_pid" 2>/dev/null || :
    rm -rf "$work"
}
trap cleanup EXIT
n=0 bad=0
verdict() # status, what
{
    n=$((n + 1))
    if [ "$1" -eq 0 ]; then echo "ok $n - $2"; else bad=$((bad + 1)); echo "not ok $n - $2"; sed 's/^/# /' "$work/out"; fi
}
a() { "$bin" --lang en --office "$work/office" --yes "$@"; }
works() { local what=$1 s=0; shift; a "$@" >"$work/out" 2>&1 || s=$?; verdict $s "$what"; }
# says WHAT WORDS command: it fails, and says those words
says()
{
    local what=$1 words=$2 s=0
    shift 2
    a "$@" >"$work/out" 2>&1 && s=1
    grep -q -- "$words" "$work/out" || s=1
    verdict $s "$what"
}
valid() { a --json key list | jq -r "select(.purpose == \"$1\" and .algorithm == \"$2\" and .to == null and (.owner | startswith(\"office\"))).key" | tail -1; }

mkdir "$work/hsm" "$work/tpm"
printf 'directories.tokendir = %s\nobjectstore.backend = file\nlog.level = ERROR\n' "$work/hsm" >"$work/hsm.conf"
export SOFTHSM2_CONF=$work/hsm.conf TSS2_LOG=all+NONE
softhsm2-util --init-token --free --label aforo --so-pin 12345678 --pin 1234 >/dev/null
start_tpm()
{
    swtpm socket --tpm2 --tpmstate dir="$work/tpm" --server type=tcp,port=$port,bindaddr=127.0.0.1 \
        --ctrl type=tcp,port=$((port + 1)),bindaddr=127.0.0.1 --flags not-need-init,startup-clear >/dev/null 2>&1 &
    tpm_pid=$!
    for _ in $(seq 100); do (: <>/dev/tcp/127.0.0.1/$((port + 1))) 2>/dev/null && return 0; sleep 0.05; done
    return 1
}
port=$((20000 + $$ % 20000))
export TPM2OPENSSL_TCTI=swtpm:host=127.0.0.1,port=$port
start_tpm
echo clave-de-prueba >"$work/pw"
echo otra-clave-larga >"$work/pw2"
echo 1234 >"$work/pin"
echo 9999 >"$work/wrong"
a init --code TOK1 --name Fichas --login ana --person "Ana" --password-file "$work/pw" >"$work/made"
recovery=$(grep -oE '([0-9A-F]{4}-){16}[0-9A-F]{4}' "$work/made")
works "login" login --user ana --password-file "$work/pw"
token="pkcs11:token=aforo?module-path=$module"
for purpose in entry log document; do
    works "a $purpose key in SoftHSM2 replaces the file's" key rotate --purpose $purpose --store pkcs11 --token "$token" --pin-file "$work/pin"
done
entry=$(valid entry p256) log=$(valid log ed25519)
works "a key in the TPM signs the log beside it" key create --purpose log --store tpm2
tpm=$(valid log p256)
for k in $entry $log $tpm; do works "key $k opens and signs" key test "$k"; done
a key export "$log" >"$work/out" 2>&1 || :
grep -q '^aforo.office/TOK1+' "$work/out"; verdict $? "the log's verifier key is given out"
# The office's own entry, signed by the token: a refusal.
works "a reader" user add --login leo --person "Leo" --roles reader --password-file "$work/pw"
a --session "$work/leo" login --user leo --password-file "$work/pw" >/dev/null
says "a refusal is recorded, signed by the token" "may not do" --session "$work/leo" clock adjust --reason x
[ "$(sqlite3 "$work/office/office.db" "SELECT lower(hex(keyid)) FROM entry ORDER BY seq DESC LIMIT 1")" = "$entry" ]
verdict $? "its key is the token's"
works "it all holds" verify --deep

works "a wrong PIN is kept" key pin "$entry" --pin-file "$work/wrong"
says "a wrong PIN is told" "PIN of the token" key test "$entry"
works "the right PIN is kept" key pin "$entry" --pin-file "$work/pin"
mv "$work/hsm" "$work/away" && mkdir "$work/hsm"
says "a token that is missing is told" "is not connected" key test "$entry"
softhsm2-util --init-token --free --label aforo --so-pin 12345678 --pin 1234 >/dev/null
says "a token that lacks the key is told" "does not hold the key" key test "$entry"
rm -rf "$work/hsm" && mv "$work/away" "$work/hsm"
kill "$tpm_pid"; wait "$tpm_pid" 2>/dev/null || :
says "a TPM that is missing is told" "TPM" key test "$tpm"
rm -rf "$work/tpm" && mkdir "$work/tpm"
start_tpm
says "another TPM is told" "another TPM" key test "$tpm"
works "its key is revoked" key revoke "$tpm" --reason "placa cambiada"
says "the only key of a purpose is not revoked" "only key" key revoke "$log" --reason x
works "a key in a file replaces the token's" key rotate --purpose entry
echo "$recovery" >"$work/paper"
works "the recovery key gives a new key without a login" recover ana --recovery-file "$work/paper" --password-file "$work/pw2"
says "the session of the old key signs nothing" "log in again" user roles leo --roles auditor
works "the new password opens" login --user ana --password-file "$work/pw2"
works "it all holds in the end" verify --deep
echo "1..$n"
[ $bad -eq 0 ]
