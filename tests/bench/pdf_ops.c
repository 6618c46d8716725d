/* A page's drawing, read back from a PDF of ours. */
#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <zlib.h>

#include "tests/bench/pdf_limit.h"

#define FILE_MAX (1 << 22)
#define OPS_MAX 8192
#define TEXT_MAX 512

/* The largest packed stream before the fonts is the page: ours writes it first. */
static size_t page_unpack(const char *path, char *out, size_t size)
{
    char *file = malloc(FILE_MAX);
    FILE *f = fopen(path, "rb");
    size_t len = file != NULL && f != NULL ? fread(file, 1, FILE_MAX, f) : 0;
    const char *at = len > 0 ? memmem(file, len, "stream\r\n", 8) : NULL;
    uLongf made = size;
    if (at == NULL || uncompress((Bytef *)out, &made, (const Bytef *)at + 8,
                                 (uLong)(len - (size_t)(at + 8 - file))) != Z_OK) {
        made = 0;
    }
    if (f != NULL) {
        (void)fclose(f);
    }
    free(file);
    return made;
}

static const char *string_read(const char *p, char *out)
{
    size_t n = 0;
    for (p++; *p != ')' && n + 1 < TEXT_MAX; p++) {
        if (*p == '\\') {
            p++;
        }
        out[n++] = *p;
    }
    out[n] = '\0';
    return p + 1;
}

/* The code's bits, from "BI ... ID" hex "EI": kept as the op's text, its columns as argument.
 */
static const char *bitmap_read(const char *p, struct pdf_op *op)
{
    unsigned columns = 0, rows = 0, byte = 0;
    const char *hex = strstr(p, "ID\n");
    if (hex == NULL || sscanf(p, "BI /W %u /H %u", &columns, &rows) != 2) {
        return p + strlen(p);
    }
    size_t len = (size_t)rows * ((columns + 7) / 8), n = 0;
    op->text = calloc(len, 1);
    for (hex += 3; n < len && sscanf(hex, "%2x", &byte) == 1; hex += 2) {
        op->text[n++] = (char)byte;
    }
    op->args[op->arg_count++] = (float)columns;
    return strstr(hex, "EI");
}

static bool op_end(struct pdf_ops *ops, struct pdf_op *op, const char *name, size_t len)
{
    if (len >= sizeof(op->name) || ops->count == OPS_MAX) {
        return false;
    }
    memcpy(op->name, name, len);
    ops->ops[ops->count++] = *op;
    memset(op, 0, sizeof(*op));
    return true;
}

bool pdf_ops_read(const char *path, struct pdf_ops *out)
{
    static char page[FILE_MAX];
    char text[TEXT_MAX];
    struct pdf_op op = {0};
    size_t len = page_unpack(path, page, sizeof(page) - 1);
    bool ok = len > 0;
    *out = (struct pdf_ops){calloc(OPS_MAX, sizeof(*out->ops)), 0};
    for (const char *p = page; ok && out->ops != NULL && *p != '\0';) {
        if (strchr(" \n[]", *p) != NULL) {
            p++;
        } else if (*p == '(') {
            p = string_read(p, text);
            op.text = strdup(text);
        } else if (*p == '/') {
            size_t n = strcspn(++p, " ");
            op.text = strndup(p, n);
            p += n;
        } else if (strchr("-.0123456789", *p) != NULL) {
            char *end = NULL;
            float v = strtof(p, &end);
            if (op.arg_count < 6) {
                op.args[op.arg_count++] = v;
            }
            p = end;
        } else if (strncmp(p, "BI ", 3) == 0) {
            p = bitmap_read(p, &op);
        } else {
            size_t n = strcspn(p, " \n");
            ok = op_end(out, &op, p, n);
            p += n;
        }
    }
    return ok && out->count > 0;
}

void pdf_ops_free(struct pdf_ops *ops)
{
    for (size_t i = 0; i < ops->count; i++) {
        free(ops->ops[i].text);
    }
    free(ops->ops);
    *ops = (struct pdf_ops){0};
}
