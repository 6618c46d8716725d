# Source tree and build folders made ready. Sourced by quickstart and runtests (bash).
# shellcheck shell=bash

# Run autoreconf unless what it makes is there; from then on make itself notices a changed configure.ac or .mk file.
prepare_configure()
{
    if [ ! -x configure ] || [ ! -f Makefile.in ] || [ ! -f config.h.in ] || [ ! -f build-aux/install-sh ]; then
        autoreconf -fi
    fi
}

# prepare_folder FOLDER FLAGS...: configure there unless it has been done.
prepare_folder()
{
    local folder=$1 top=$PWD
    shift
    mkdir -p "$folder"
    if [ ! -f "$folder/Makefile" ] || [ ! -f "$folder/config.h" ]; then
        (cd "$folder" && "$top/configure" --quiet "$@")
    fi
}

# Prints the name of the clang that is here; libFuzzer is part of it alone.
prepare_clang()
{
    local candidate
    for candidate in clang-14 clang; do
        if command -v "$candidate" >/dev/null; then
            echo "$candidate"
            return 0
        fi
    done
    echo "clang is missing: apt-get install clang-14 libclang-rt-14-dev" >&2
    return 1
}
