/* One quote file from bytes to bars: encoding, header, rows, order. */
#include "market/reader.h"
#include "base/unpack.h"
#include "base/vec.h"
#include "market/table.h"

/* A count, then as many records of 29 bytes. */
static bool is_gbbq(const char *p, size_t n)
{
    const unsigned char *u = (const unsigned char *)p;
    return n > 4 && ((uint64_t)u[0] | (uint64_t)u[1] << 8 | (uint64_t)u[2] << 16 | (uint64_t)u[3] << 24) * 29 + 4 == n;
}

/* Files that are no text at all, by their first bytes. */
static const char *binary_kind(const char *p, size_t n)
{
    static const struct {
        const char *magic;
        size_t n;
        const char *what;
    } kinds[] = {
        {"PK\003\004", 4, "it is a zip archive or an Excel workbook; save the sheet as CSV"},
        {"\x1f\x8b", 2, "it is compressed with gzip within another compression"},
        {"\x28\xb5\x2f\xfd", 4, "it is compressed with zstd within another compression"},
        {"BZh", 3, "it is compressed with bzip2; unpack it first"},
        {"\xfd" "7zXZ", 5, "it is compressed with xz; unpack it first"},
        {"\xD0\xCF\x11\xE0", 4, "it is an old Excel workbook; save the sheet as CSV"},
        {"\x89PNG", 4, "it is a picture"},
        {"%PDF", 4, "it is a PDF document"},
        {"PAR1", 4, "it is a Parquet file"},
        {"SQLite format 3", 15, "it is an SQLite database"},
    };

    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (n >= kinds[i].n && memcmp(p, kinds[i].magic, kinds[i].n) == 0) return kinds[i].what;
    if (is_gbbq(p, n)) return "it is TDX's table of ex-rights events (gbbq), which is encrypted; write the events as CSV for --events";
    if (memchr(p, 0, n < 1024 ? n : 1024)) {
        if (n % 32 == 0) return "it is binary; if these are records of 32 bytes, as TDX has them, call it .day, .lc5 or .lc1";
        return "it is binary (there are zero bytes near its start)";
    }
    while (n && (*p == ' ' || *p == '\t' || *p == '\r' || *p == '\n')) p++, n--;
    if (n && *p == '{') return "it is JSON or program text";
    if (n > 1 && p[0] == '<' && (p[1] == '!' || p[1] == '?' || p[1] == 'h' || p[1] == 'H')) return "it is a web page";
    return NULL;
}

/* No terminator within the first GP_LINE_MAX bytes: said before anything scans the rest of a huge file. */
static bool first_line_too_long(const char *p, size_t n)
{
    if (n <= GP_LINE_MAX) return false;
    return !memchr(p, '\n', GP_LINE_MAX) && !memchr(p, '\r', GP_LINE_MAX);
}

static size_t lines_before(const char *p, size_t n)
{
    size_t lines = 1;
    for (const char *end = p + n; (p = memchr(p, '\n', (size_t)(end - p))) != NULL; p++) lines++;
    return lines;
}

/* Sets text to UTF-8 and returns what it was; in place where it is that already, otherwise in converted. */
static gp_encoding to_utf8(const char *name, const char *p, size_t n, gp_encoding encoding, gp_buf *converted, gp_text *text,
                    gp_diags *d)
{
    size_t bom, bad = 0, first_bad = 0;
    bool damaged;
    gp_encoding found = gp_encoding_detect_damage(p, n, &bom, &damaged);

    /* The user's word counts, but a byte order mark is never text, and it tells the two UTF-16 apart. */
    if (encoding == GP_ENC_AUTO || (encoding == GP_ENC_UTF16LE && found == GP_ENC_UTF16BE)) encoding = found;
    if (bom && encoding == found) {
        p += bom;
        n -= bom;
    }
    const bool sure = found == GP_ENC_UTF8 && !bom && !damaged; /* looked through once is enough */
    if (encoding == GP_ENC_UTF8 && (sure || gp_utf8_valid(p, n, NULL))) {
        text->p = p;
        text->end = p + n;
        return encoding;
    }
    gp_decode(encoding, p, n, converted, &bad, &first_bad);
    text->p = converted->p ? converted->p : "";
    text->end = text->p + converted->n;
    if (bad) {
        size_t line = encoding == GP_ENC_UTF8 || encoding == GP_ENC_GB18030 ? lines_before(p, first_bad) : 0;
        gp_diag_file(d, GP_D_DATA_BAD_BYTES, name, (uint32_t)line, 0, bad, gp_encoding_name(encoding));
    }
    return encoding;
}

/* Rows to expect, from the length of the first ones; a little more, so that the columns seldom move. */
static size_t expect_rows(const gp_text *text)
{
    const char *p = text->rows, *next;
    size_t left = (size_t)(text->end - p), lines = 0;

    while (p < text->end && lines < 16) {
        if (gp_line(p, text->end, &next) > GP_LINE_MAX) break;
        p = next;
        lines++;
    }
    if (p == text->end || lines == 0) return lines + 1;
    return left / ((size_t)(p - text->rows) / lines) / 16 * 17 + 32;
}

static bool read_rows(const char *name, const gp_text *text, const gp_layout *layout, const gp_read_opts *o,
                      gp_read_result *out, gp_diags *d)
{
    gp_csv_path path = o ? o->csv_path : GP_PATH_AUTO;
    const char *why = "";
    bool plain = path != GP_PATH_LIBCSV && gp_csv_is_plain(text, &why), good;
    gp_table t;

    if (path == GP_PATH_PLAIN && !plain) {
        gp_diag_file(d, GP_D_DATA_NOT_PLAIN, name, 0, 0, why);
        return false;
    }
    gp_table_init(&t, layout, name, o ? o->data : NULL, expect_rows(text), d);
    t.reading = o ? o->reading : NULL;
    if (plain)
        gp_csv_plain(&t, text);
    else
        gp_csv_libcsv(&t, text);
    out->rows = t.rows_seen;
    good = !t.failed && gp_table_finish(&t, text, out);
    gp_table_fini(&t);
    return good;
}

bool gp_read_quotes_mem(const char *name, const char *p, size_t n, const gp_read_opts *o, gp_read_result *out,
                        gp_diags *d)
{
    gp_text text = {0};
    gp_layout layout;
    gp_buf converted = {0};
    const char *what;
    size_t bom;
    bool good;

    *out = (gp_read_result){.bytes = n};
    if (n == 0) {
        gp_diag_file(d, GP_D_DATA_EMPTY, name, 0, 0);
        return false;
    }
    if (first_line_too_long(p, n)) {
        gp_diag_file(d, GP_D_DATA_LINE_TOO_LONG, name, 1, 0, GP_LINE_MAX);
        return false;
    }
    gp_encoding start = gp_encoding_detect(p, n < 4 ? n : 4, &bom); /* only for the mark */
    gp_encoding said = o && o->data ? o->data->encoding : GP_ENC_AUTO;
    if (said == GP_ENC_AUTO && o && o->data && o->data->profile) said = o->data->profile->encoding;
    bool wide = (bom && start != GP_ENC_UTF8) || said == GP_ENC_UTF16LE || said == GP_ENC_UTF16BE;
    if (!wide && (what = binary_kind(p, n)) != NULL) {
        gp_diag_file(d, GP_D_DATA_NOT_QUOTES, name, 0, 0, what);
        return false;
    }
    gp_encoding used = to_utf8(name, p, n, said, &converted, &text, d);
    if (o && o->reading) {
        o->reading->format = "text";
        o->reading->encoding = used;
    }
    good = gp_csv_header_read(&text, o, name, &layout, d) && read_rows(name, &text, &layout, o, out, d);
    gp_buf_free(&converted);
    return good;
}

bool gp_read_quotes(const char *path, const gp_read_opts *o, gp_read_result *out, gp_diags *d)
{
    gp_file file;
    const char *why = gp_file_open(path, &file);
    char reason[GP_UNPACK_WHY];
    bool good;

    *out = (gp_read_result){0};
    if (why) {
        gp_diag_file(d, GP_D_DATA_UNREADABLE, path, 0, 0, why);
        return false;
    }
    if (file.changed) gp_diag_file(d, GP_D_DATA_CHANGED, path, 0, 0);
    if (gp_file_unpack(&file, reason)) {
        gp_diag_file(d, GP_D_DATA_PACKED, path, 0, 0, reason);
        gp_file_close(&file);
        return false;
    }
    good = gp_read_quotes_mem(path, file.p, file.n, o, out, d);
    gp_file_close(&file);
    return good;
}

void gp_reading_fini(gp_reading *r)
{
    gp_buf_free(&r->why);
    gp_buf_free(&r->columns);
    *r = (gp_reading){0};
}

void gp_read_result_fini(gp_read_result *r)
{
    for (int i = 0; i < r->n; i++) gp_bars_fini(&r->at[i]);
    free(r->at);
    *r = (gp_read_result){0};
}
