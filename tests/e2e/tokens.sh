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
# SoftHSM 2.6.1 loses an ASN.1 string for each Ed25519 key that it opens: what the sanitizers' build is told is not ours.
echo 'leak:libsofthsm2' >"$work/losses"
export ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}fast_unwind_on_malloc=0
export LSAN_OPTIONS=suppressions=$work/losses:print_suppressions=0
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

# The newest checkpoint lies in the TPM too: the whole folder rolled back, high-water file included, is noticed.
lines() { sqlite3 "$work/office/office.db" "SELECT note FROM checkpoint ORDER BY id DESC LIMIT 1" | grep -c "^— aforo.office/TOK1 "; }
works "a checkpoint" checkpoint sign
[ "$(lines)" = 2 ]
verdict $? "it is signed by both keys of the log"
kept() { tpm2_nvread --tcti "$TPM2OPENSSL_TCTI" -C o "0x$(tpm2_getcap --tcti "$TPM2OPENSSL_TCTI" handles-nv-index | grep -io '18[0-9a-f]\{5\}')" 2>/dev/null | tail -c +3 | tr -d '\0'; }
[ "$(kept)" = "$(sqlite3 "$work/office/office.db" "SELECT note FROM checkpoint ORDER BY id DESC LIMIT 1")" ]
verdict $? "the TPM holds the same note, and tpm2-tools read it"
works "a proof over it" proof entry 1 -o "$work/one.json"
works "the proof holds" check "$work/one.json" --key "$(a key export "$log" | grep '^aforo.office/TOK1+')"
awk '/^```sh$/ { on = 1; next } /^```$/ { on = 0 } on' "$(dirname "$0")/../../docs/check-by-hand.md" >"$work/check.sh"
bash "$work/check.sh" "$work/one.json" >"$work/out" 2>&1
verdict $? "the proof holds by hand"
cp -a "$work/office" "$work/strip"
sqlite3 "$work/strip/office.db" "UPDATE checkpoint SET note = substr(note, 1, instr(note, char(8212)) +
    instr(substr(note, instr(note, char(8212)) + 1), char(8212)) - 1) WHERE id = (SELECT max(id) FROM checkpoint)"
mv "$work/office" "$work/whole" && mv "$work/strip" "$work/office"
says "the signature of the TPM taken off is found" "P-256 key is missing" verify --full
rm -rf "$work/office" && mv "$work/whole" "$work/office"
cp -a "$work/office" "$work/old"
works "an act" customer add --name "Rosa"
works "a checkpoint of it" checkpoint sign
mv "$work/office" "$work/new" && mv "$work/old" "$work/office"
says "the folder rolled back whole records nothing" "was rolled back" customer add --name "Otra"
says "and signs no checkpoint" "was rolled back" checkpoint sign
says "verify says so" "the database was rolled back" verify
a list users >"$work/out" 2>&1
grep -q "was rolled back" "$work/out"
verdict $? "so does a list, and it lists"
tpm_stop
says "without the TPM no checkpoint is signed" "no TPM answers" checkpoint sign
tpm_start
cp -a "$work/office" "$work/old"
works "it is resolved" checkpoint resolve --reason "copia vieja"
works "the office goes on" customer add --name "Otra"
works "and signs" checkpoint sign
works "it all holds again" verify --deep
rm -rf "$work/new" && mv "$work/office" "$work/new" && mv "$work/old" "$work/office"
says "the same copy once more is behind what was signed since" "was rolled back" customer add --name "Otra"
rm -rf "$work/office" && mv "$work/new" "$work/office"
works "the newer folder put back is right again" customer add --name "Tercera"
tpm2_nvwrite --tcti "$TPM2OPENSSL_TCTI" -C o -i "$work/pin" "0x$(tpm2_getcap --tcti "$TPM2OPENSSL_TCTI" handles-nv-index | grep -io '18[0-9a-f]\{5\}')" 2>/dev/null
says "another's bytes in its place are told, with the way out" "tpm2_nvundefine" customer add --name "Nadie"
tpm2_nvundefine --tcti "$TPM2OPENSSL_TCTI" -C o "0x$(tpm2_getcap --tcti "$TPM2OPENSSL_TCTI" handles-nv-index | grep -io '18[0-9a-f]\{5\}')"
works "removed, the next checkpoint is kept again" checkpoint sign
works "and all holds" verify

works "a wrong PIN is kept" key pin "$entry" --pin-file "$work/wrong"
says "a wrong PIN is told" "PIN of the token" key test "$entry"
works "the right PIN is kept" key pin "$entry" --pin-file "$work/pin"
mv "$work/hsm" "$work/away" && mkdir "$work/hsm"
says "a token that is missing is told" "is not connected" key test "$entry"
hsm_init
says "a token that lacks the key is told" "does not hold the key" key test "$entry"
id=$(sed -n 's/^place .*[;:]id=\([^;?]*\).*/\1/p' "$work/office/keys/entry-${entry:0:16}.key" | tr -d %)
for other in EC:ec_paramgen_curve:P-256 EC:ec_paramgen_curve:P-384 RSA:rsa_keygen_bits:2048; do
    openssl genpkey -algorithm "${other%%:*}" -pkeyopt "${other#*:}" -out "$work/other.pem" 2>/dev/null
    rm -rf "$work/hsm" && mkdir "$work/hsm"
    hsm_init
    softhsm2-util --import "$work/other.pem" --token aforo --label other --id "$id" --pin 1234 >/dev/null
    says "a token that holds another key ($other) in its place is told" "holds another key" key test "$entry"
done
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
says "... nor does what needs no signature of it" "log in again" checkpoint sign
works "the new password opens" login --user ana --password-file "$work/pw2"
works "it all holds in the end" verify --deep
echo "1..$n"
[ $bad -eq 0 ]
