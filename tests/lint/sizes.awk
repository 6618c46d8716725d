# Files and functions above their limit, from stripped source. Prints: NAME LINES WHERE LIMIT
# NAME is the path, or path:function. A function's body begins with "{" in the first column and ends with "}" there.
function file_done()
{
    if (path != "" && last > file_max) print path, last, path ":1", file_max
}
FNR == 1 {
    file_done()
    path = FILENAME
    start = 0
    name = ""
}
{ last = FNR }
/^[A-Za-z_].*\(/ && !/^(enum|struct|union)[^(]*\{/ {
    name = $0
    sub(/\(.*/, "", name)
    sub(/.*[^A-Za-z0-9_]/, "", name)
}
/^\{/ && name != "" { start = FNR }
/^\}/ && start {
    if (FNR - start + 1 > function_max) print path ":" name, FNR - start + 1, path ":" start, function_max
    start = 0
    name = ""
}
END { file_done() }
