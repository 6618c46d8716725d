# shellcheck shell=bash
# Tokens of a test's own, to be sourced: SoftHSM2 with a private folder, swtpm with private state on a private port. Sets work, a
# folder that is removed at exit, with the daemon.
token_module=/usr/lib/softhsm/libsofthsm2.so
tpm_pid=
tokens_present()
{
    local tool
    for tool in swtpm softhsm2-util tpm2_dictionarylockout; do command -v $tool >/dev/null || return 1; done
    [ -r $token_module ]
}

tokens_end()
{
    [ -z "$tpm_pid" ] || kill "$tpm_pid" 2>/dev/null || :
    rm -rf "$work"
}

hsm_init() { softhsm2-util --init-token --free --label aforo --so-pin 12345678 --pin 1234 >/dev/null; }

tpm_start()
{
    swtpm socket --tpm2 --tpmstate dir="$work/tpm" --server "type=tcp,port=$tpm_port,bindaddr=127.0.0.1" \
        --ctrl type=tcp,port=$((tpm_port + 1)),bindaddr=127.0.0.1 --flags not-need-init,startup-clear >/dev/null 2>&1 &
    tpm_pid=$!
    for _ in $(seq 100); do (: <>/dev/tcp/127.0.0.1/$((tpm_port + 1))) 2>/dev/null && return 0; sleep 0.05; done
    echo "swtpm does not answer" >&2
    return 1
}

tpm_stop() { kill "$tpm_pid"; wait "$tpm_pid" 2>/dev/null || :; tpm_pid=; }

tokens_begin()
{
    work=$(mktemp -d)
    trap tokens_end EXIT
    mkdir "$work/hsm" "$work/tpm"
    printf 'directories.tokendir = %s\nobjectstore.backend = file\nlog.level = ERROR\n' "$work/hsm" >"$work/hsm.conf"
    export SOFTHSM2_CONF=$work/hsm.conf TSS2_LOG=all+NONE
    tpm_port=$((20000 + $$ % 20000))
    export TPM2OPENSSL_TCTI=swtpm:host=127.0.0.1,port=$tpm_port
    hsm_init
    tpm_start
}
