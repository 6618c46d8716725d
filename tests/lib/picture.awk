# A screen of tmux (capture-pane -e -p) as SVG. Run with LC_ALL=C, -v columns=N -v rows=N: characters are counted here, byte by byte.
function colour256(n,    v, r, g) {
    if (n < 16) return ansi[n]
    if (n > 231) {
        v = 8 + 10 * (n - 232)
        return sprintf("#%02x%02x%02x", v, v, v)
    }
    n -= 16
    r = int(n / 36); g = int(n / 6) % 6; v = n % 6
    return sprintf("#%02x%02x%02x", r ? 55 + 40 * r : 0, g ? 55 + 40 * g : 0, v ? 55 + 40 * v : 0)
}

# One sequence of attributes: the numbers between ESC [ and m.
function sgr(list,    n, p, i) {
    n = split(list == "" ? "0" : list, p, ";")
    for (i = 1; i <= n; i++) {
        if (p[i] == 0) { fg = bg = ""; bold = dim = reverse = under = 0 }
        else if (p[i] == 1) bold = 1
        else if (p[i] == 2) dim = 1
        else if (p[i] == 4) under = 1
        else if (p[i] == 7) reverse = 1
        else if (p[i] == 22) bold = dim = 0
        else if (p[i] == 24) under = 0
        else if (p[i] == 27) reverse = 0
        else if (p[i] == 38 && p[i + 1] == 5) { fg = colour256(p[i + 2]); i += 2 }
        else if (p[i] == 48 && p[i + 1] == 5) { bg = colour256(p[i + 2]); i += 2 }
        else if (p[i] == 39) fg = ""
        else if (p[i] == 49) bg = ""
        else if (p[i] >= 30 && p[i] <= 37) fg = ansi[p[i] - 30]
        else if (p[i] >= 40 && p[i] <= 47) bg = ansi[p[i] - 40]
        else if (p[i] >= 90 && p[i] <= 97) fg = ansi[p[i] - 82]
        else if (p[i] >= 100 && p[i] <= 107) bg = ansi[p[i] - 92]
    }
}

function cell(ch,    f, b, h) {
    f = fg == "" ? ink : fg
    b = bg == "" ? paper : bg
    if (reverse) { h = f; f = b; b = h }
    look = f (bold ? " font-weight=\"bold\"" : "") (dim ? " opacity=\"0.7\"" : "") (under ? " text-decoration=\"underline\"" : "")
    if (b != run_back) {
        back_end()
        run_back = b
        run_back_at = x
    }
    # Bars are drawn, so that no font leaves gaps in them.
    if (substr(ch, 1, 2) == "\342\226" && ch >= "\342\226\201" && ch <= "\342\226\210") {
        text_end()
        h = height * (index(eighths, substr(ch, 3, 1))) / 8
        bars = bars sprintf("<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" fill=\"%s\"/>\n", left + x * width, top + (y + 1) * height - h, width, h, f)
    } else if (ch == " " && !under) {
        if (run_text != "") run_blank++
    } else {
        if (look != run_look || run_blank > 2) text_end()
        if (run_text == "") { run_look = look; run_at = x }
        while (run_blank > 0) { run_text = run_text " "; run_blank--; run_cells++ }
        run_text = run_text (ch == "&" ? "&amp;" : ch == "<" ? "&lt;" : ch == ">" ? "&gt;" : ch)
        run_cells++
    }
    x++
}

function text_end() {
    if (run_text != "") {
        texts = texts sprintf("<text x=\"%.1f\" y=\"%.1f\" textLength=\"%.1f\" fill=\"%s\">%s</text>\n", left + run_at * width, top + y * height + base, run_cells * width, quoted(run_look), run_text)
    }
    run_text = ""
    run_cells = run_blank = 0
}

# The colour is an attribute's value; what follows it closes the quote itself.
function quoted(s,    i) {
    i = index(s, " ")
    return i == 0 ? s : substr(s, 1, i - 1) "\"" substr(s, i, length(s) - i)
}

function back_end() {
    if (run_back != paper && run_back != "" && x > run_back_at) {
        backs = backs sprintf("<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" fill=\"%s\"/>\n", left + run_back_at * width, top + y * height, (x - run_back_at) * width, height, run_back)
    }
    run_back = ""
}

BEGIN {
    split("#1c1c1c #cd3131 #0dbc79 #e5e510 #2472c8 #bc3fbc #11a8cd #d0d0d0 #666666 #f14c4c #23d18b #f5f543 #3b8eea #d670d6 #29b8db #ffffff", c16, " ")
    for (i = 1; i <= 16; i++) ansi[i - 1] = c16[i]
    for (i = 1; i <= 8; i++) eighths = eighths sprintf("%c", 128 + i)
    ink = "#d0d0d0"; paper = "#1c1c1c"
    width = 8.4; height = 17; base = 12.9; left = 10; top = 10
    y = 0
}

{
    x = 0
    n = length($0)
    for (i = 1; i <= n; i++) {
        c = substr($0, i, 1)
        if (c == "\033" && substr($0, i + 1, 1) == "[") {
            match(substr($0, i), /[a-zA-Z]/)
            if (substr($0, i + RSTART - 1, 1) == "m") sgr(substr($0, i + 2, RSTART - 3))
            i += RSTART - 1
        } else if (c == "\016" || c == "\017") {
            continue
        } else {
            while (i < n && substr($0, i + 1, 1) >= "\200" && substr($0, i + 1, 1) < "\300") c = c substr($0, ++i, 1)
            cell(c)
        }
    }
    # tmux leaves out blanks at the end of a line; a bar that all but reaches the edge goes on to it.
    while (x < columns && x > columns - 3 && bg != "") cell(" ")
    text_end()
    back_end()
    y++
}

END {
    printf "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %.0f %.0f\" font-family=\"DejaVu Sans Mono, Menlo, Consolas, monospace\" font-size=\"14\" xml:space=\"preserve\" shape-rendering=\"crispEdges\">\n", 2 * left + columns * width, 2 * top + rows * height
    printf "<rect width=\"100%%\" height=\"100%%\" rx=\"8\" fill=\"%s\"/>\n%s%s%s</svg>\n", paper, backs, bars, texts
}
