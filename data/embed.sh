#!/bin/sh
# Turn data files into C source on standard output.
#   embed.sh migrations FILE...   the table of migrations, in the order given (NNNN_name.sql, numbers without a gap)
#   embed.sh schemas FILE...      the table of JSON Schemas, named after their files (KIND.vN.json)
#   embed.sh string NAME FILE     const char NAME[] with the file's bytes
set -eu
LC_ALL=C
export LC_ALL

# The file's bytes as C string literals, one a line.
literals()
{
    awk '{
        gsub(/\\/, "&&")
        gsub(/"/, "\\\\&")
        gsub(/\?/, "\\\\&")
        gsub(/\t/, "\\\\t")
        gsub(/\r/, "\\\\r")
        printf "    \"%s\\n\"\n", $0
    } END { if (NR == 0) print "    \"\"" }' "$1"
}

refuse()
{
    echo "embed.sh: $1" >&2
    exit 1
}

head_of_file()
{
    echo "/* Made by data/embed.sh; not to be edited. */"
    echo "#include <config.h>"
    echo
    printf '#include "%s"\n' "$1"
    echo
    # A data file may be longer than the 4095 characters that C11 promises for a literal; gcc and clang take any length.
    echo "#pragma GCC diagnostic ignored \"-Woverlength-strings\""
    echo
}

migrations()
{
    head_of_file store/migrate.h
    count=0
    for file in "$@"; do
        name=${file##*/}
        name=${name%.sql}
        case $name in
        [0-9][0-9][0-9][0-9]_?*) ;;
        *) refuse "$file: a migration is named NNNN_name.sql" ;;
        esac
        number=$(echo "${name%%_*}" | sed 's/^0*//')
        count=$((count + 1))
        [ "${number:-0}" -eq "$count" ] || refuse "$file: migration $count is expected here"
        printf 'static const char sql_%d[] =\n' "$count"
        literals "$file"
        echo "    ;"
        echo
    done
    [ "$count" -gt 0 ] || refuse "no migration in data/migrations"
    echo "const struct migration migrations[] = {"
    n=0
    for file in "$@"; do
        name=${file##*/}
        name=${name%.sql}
        n=$((n + 1))
        printf '    {%d, "%s", sql_%d},\n' "$n" "$name" "$n"
    done
    echo "};"
    printf 'const size_t migrations_count = %d;\n' "$count"
}

schemas()
{
    head_of_file ledger/schema.h
    echo "const struct schema_source schema_sources[] = {"
    for file in "$@"; do
        name=${file##*/}
        case $name in
        ?*.v[1-9]*.json) ;;
        *) refuse "$file: a schema is named KIND.vN.json" ;;
        esac
        printf '    {"%s",\n' "${name%.json}"
        literals "$file"
        echo "    },"
    done
    echo "};"
    printf 'const size_t schema_sources_count = %d;\n' $#
}

case ${1:-} in
schemas)
    shift
    schemas "$@"
    ;;
migrations)
    shift
    migrations "$@"
    ;;
string)
    [ $# -eq 3 ] || refuse "usage: embed.sh string NAME FILE"
    head_of_file data/embedded.h
    printf 'const char %s[] =\n' "$2"
    literals "$3"
    echo "    ;"
    ;;
*)
    refuse "usage: embed.sh migrations FILE... | embed.sh schemas FILE... | embed.sh string NAME FILE"
    ;;
esac
