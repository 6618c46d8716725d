# C source without comments and without what stands in quotes; every line stays where it was.
# "#include" lines are kept whole, so that their names can be judged. With -v to=FOLDER each file goes to its own place there.
FNR == 1 {
    if (to != "") {
        if (place != "") close(place)
        place = to "/" FILENAME
    } else {
        place = "/dev/stdout"
    }
    in_comment = 0
}
# Most lines: nothing to take out, or nothing to keep.
!in_comment && !/["'\/]/ {
    print >place
    next
}
in_comment && !/\*\// {
    print "" >place
    next
}
{
    if (!in_comment && $0 ~ /^[ \t]*#[ \t]*include/) {
        print >place
        next
    }
    out = ""
    n = length($0)
    quote = ""
    for (i = 1; i <= n; i++) {
        c = substr($0, i, 1)
        if (in_comment) {
            if (c == "*" && substr($0, i + 1, 1) == "/") {
                in_comment = 0
                i++
            }
        } else if (quote != "") {
            if (c == "\\") {
                i++
            } else if (c == quote) {
                quote = ""
                out = out c
            }
        } else if (c == "/" && substr($0, i + 1, 1) == "*") {
            in_comment = 1
            out = out " "
            i++
        } else if (c == "/" && substr($0, i + 1, 1) == "/") {
            break
        } else {
            if (c == "\"" || c == "'") quote = c
            out = out c
        }
    }
    print out >place
}
