#!/usr/bin/env bash
# The office's keys in tokens, against the real daemons: SoftHSM2 with a private folder, swtpm with private state. Keys made, signing,
# replaced, revoked; what is said of a token that is missing, locked or another; verify --deep after it all; the recovery key.
set -euo pipefail
bin=${AFORO_BIN:?}
# shellcheck source=tests/lib/tokens.sh
. "$(dirname "$0")/../lib/tokens.sh"
if ! tokens_present; then
    echo "1..0 # SKIP softhsm2, swtpm or tpm2-tools is not installed"
    exit 0
fi
tokens_begin
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

echo clave-de-prueba >"$work/pw"
echo otra-clave-larga >"$work/pw2"
echo 1234 >"$work/pin"
echo 9999 >"$work/wrong"
a init --code TOK1 --name Fichas --login ana --person "Ana" --password-file "$work/pw" >"$work/made"
recovery=$(grep -oE '([0-9A-F]{4}-){16}[0-9A-F]{4}' "$work/made")
works "login" login --user ana --password-file "$work/pw"
token="pkcs11:token=aforo?module-path=$token_module"
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
hsm_init
says "a token that lacks the key is told" "does not hold the key" key test "$entry"
rm -rf "$work/hsm" && mv "$work/away" "$work/hsm"
tpm_stop
says "a TPM that is missing is told" "TPM" key test "$tpm"
rm -rf "$work/tpm" && mkdir "$work/tpm"
tpm_start
says "another TPM is told" "another TPM" key test "$tpm"
works "its key is revoked" key revoke "$tpm" --reason "placa cambiada"
says "the only key of a purpose is not revoked" "only key" key revoke "$log" --reason x
works "a key in the TPM with a PIN" key create --purpose log --store tpm2 --pin-file "$work/pin"
tpm=$(valid log p256)
works "it opens with its PIN" key test "$tpm"
works "a wrong PIN of the TPM's key is kept" key pin "$tpm" --pin-file "$work/wrong"
says "it is told" "PIN of the TPM" key test "$tpm"
locked=1
for _ in $(seq 40); do # a TPM says for itself how many wrong PINs are too many
    ! a key test "$tpm" >"$work/out" 2>&1 || break
    ! grep -q "TPM is locked after too many" "$work/out" || { locked=0; break; }
done
verdict $locked "a TPM that is locked is told"
works "the right PIN is kept" key pin "$tpm" --pin-file "$work/pin"
says "a locked TPM opens no more with the right PIN" "TPM is locked" key test "$tpm"
works "a key that is locked can be revoked" key revoke "$tpm" --reason "PIN perdido"
tpm2_dictionarylockout --tcti "$TPM2OPENSSL_TCTI" --clear-lockout
works "a TPM that is open again gives a key" key create --purpose log --store tpm2 --pin-file "$work/pin"
works "a key in a file replaces the token's" key rotate --purpose entry
echo "$recovery" >"$work/paper"
works "the recovery key gives a new key without a login" recover ana --recovery-file "$work/paper" --password-file "$work/pw2"
says "the session of the old key signs nothing" "log in again" user roles leo --roles auditor
works "the new password opens" login --user ana --password-file "$work/pw2"
works "it all holds in the end" verify --deep
echo "1..$n"
[ $bad -eq 0 ]
