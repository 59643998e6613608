/* Records of TDX's files to bars.  Files whose every record is in order, nearly all of them, are decoded straight into columns; one odd
 * record, and the whole file goes row by row through the table that the quotes in text go through, so that both have the same rules. */
#include <limits.h>
#include "base/num.h"
#include "base/unpack.h"
#include "base/vec.h"
#include "market/table.h"
#include "market/tdx.h"
#include "market/units.h"

static inline uint32_t u32(const unsigned char *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static inline float f32(const unsigned char *p)
{
    uint32_t bits = u32(p);
    float x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/* What one file needs. */
typedef struct source {
    const char *name;
    const unsigned char *p;
    size_t records;
    gp_tdx_kind kind;
    const gp_tdx_class *class; /* NULL: extended market */
    double scale, divisor;     /* of prices and of volume */
    char code[64], market[3];
} source;

/* The price that was rounded to single precision: the shortest decimal that still gives x. */
static double decimal_of(float x)
{
    static const double scales[] = {100, 1000, 10000};
    const double d = x;

    for (size_t i = 0; i < sizeof scales / sizeof *scales; i++) {
        const double whole = d * scales[i];
        if (!(whole < 4e15 && whole > -4e15)) break;
        const double shortest = (double)(int64_t)(whole + (whole < 0 ? -0.5 : 0.5)) / scales[i];
        if ((float)shortest == x) return shortest;
    }
    return d;
}

/* yyyymmdd, or 0. */
static int32_t day_of(uint32_t date)
{
    static const unsigned char days[] = {0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31, 0, 0, 0};
    const uint32_t y = date / 10000, m = date / 100 % 100, d = date % 100;

    if (y < 1900 || y > 2199 || m > 12 || d == 0 || d > days[m]) return 0;
    if (m == 2 && d == 29 && (y % 4 != 0 || (y % 100 == 0 && y % 400 != 0))) return 0;
    return (int32_t)date;
}

/* ---- one record ---- */

typedef struct record {
    uint32_t date;     /* as it stands in the file */
    int minute;        /* -1: none */
    double v[GP_NUMBERS];
    double oi, settle; /* NaN: none */
} record;

static inline void take_record(const source *s, const unsigned char *p, record *r)
{
    r->minute = -1;
    r->oi = r->settle = NAN;
    if (s->kind == GP_TDX_DAY) {
        r->date = u32(p);
        for (int c = 0; c < 4; c++) r->v[c] = u32(p + 4 + 4 * c) / s->scale;
        r->v[GP_ROLE_AMOUNT] = f32(p + 20);
        r->v[GP_ROLE_VOL] = u32(p + 24) / s->divisor;
        return;
    }
    if (s->kind == GP_TDX_DAY_X) {
        r->date = u32(p);
        r->oi = u32(p + 20);
        r->settle = decimal_of(f32(p + 28));
        r->v[GP_ROLE_AMOUNT] = NAN;
    } else {
        const uint32_t packed = u32(p), date = packed & 0xFFFF;
        r->date = (2004 + date / 2048) * 10000 + date % 2048;
        r->minute = (int)(packed >> 16);
        r->v[GP_ROLE_AMOUNT] = s->class ? f32(p + 20) : NAN;
    }
    for (int c = 0; c < 4; c++) r->v[c] = decimal_of(f32(p + 4 + 4 * c));
    r->v[GP_ROLE_VOL] = u32(p + 24) / s->divisor;
}

static int32_t time_of(int minute)
{
    return minute >= 0 && minute <= 24 * 60 ? minute / 60 * 10000 + minute % 60 * 100 : -1;
}

static inline bool in_order(const record *r)
{
    const double o = r->v[GP_ROLE_OPEN], h = r->v[GP_ROLE_HIGH], l = r->v[GP_ROLE_LOW], c = r->v[GP_ROLE_CLOSE];
    return (l > 0) & (l <= o) & (o <= h) & (l <= c) & (c <= h) & (h <= GP_QUOTE_MAX);
}

/* ---- unit of volume ---- */

static int by_value(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

/* Price paid by volume counted, as a share of the close: about 1 where single securities are counted, the lot where lots are. */
static double paid_share(const source *s)
{
    enum { ENOUGH = 63 };
    double share[ENOUGH];
    size_t n = 0;
    record r;

    for (size_t i = 0; i < s->records && n < ENOUGH; i++) {
        take_record(s, s->p + i * GP_TDX_RECORD, &r);
        const double vol = r.v[GP_ROLE_VOL], close = r.v[GP_ROLE_CLOSE], amount = r.v[GP_ROLE_AMOUNT];
        if (vol > 0 && close > 0 && amount > 0 && amount < GP_QUOTE_MAX) share[n++] = amount / vol / close;
    }
    if (n == 0) return 1;
    qsort(share, n, sizeof *share, by_value);
    return share[n / 2];
}

static void choose_unit(source *s)
{
    s->divisor = 1;
    if (!s->class || s->class->unit == GP_TDX_UNIT_LOT) return;
    if (s->class->unit == GP_TDX_UNIT_AMOUNT) {
        const double share = paid_share(s);
        if (share * share > s->class->lot) return; /* nearer to the lot than to 1 */
    }
    s->divisor = s->class->lot;
}

/* ---- columns ---- */

static unsigned columns_had(const source *s)
{
    return s->class ? 63u : 63u & ~(unsigned)GP_COL_AMOUNT;
}

static bool has_more(const source *s, const char *key)
{
    return s->kind == GP_TDX_DAY_X && (strcmp(key, "oi") == 0 || strcmp(key, "settle") == 0);
}

/* Says what is missing; false when something is. */
static bool has_columns(const source *s, const gp_read_opts *o, gp_diags *d)
{
    static const char *const found[] = {"date, open, high, low, close, volume, amount", "date, open, high, low, close, volume",
                                        "date, open, high, low, close, volume, oi, settle"};
    const char *list = found[s->class ? 0 : s->kind == GP_TDX_DAY_X ? 2 : 1];
    bool good = true;

    for (int c = 0; o && c < GP_NUMBERS; c++) {
        if (!(o->need >> c & 1) || (columns_had(s) >> c & 1)) continue;
        gp_diag_file(d, GP_D_TDX_NO_COLUMN, s->name, 0, 0, gp_role_name((gp_role)c), list);
        good = false;
    }
    for (int m = 0; o && !o->more_if_any && m < o->n_more; m++) {
        if (has_more(s, o->more[m])) continue;
        gp_diag_file(d, GP_D_TDX_NO_COLUMN, s->name, 0, 0, o->more[m], list);
        good = false;
    }
    return good;
}

static void make_layout(const source *s, const gp_read_opts *o, gp_layout *l)
{
    *l = (gp_layout){.delim = ',', .date_order = "ymd", .n_columns = GP_NUMBERS, .have = columns_had(s)};
    l->keep = l->have & (o && o->want ? o->want | o->need | GP_PRICES : 63u);
    for (int r = 0; r < GP_ROLES; r++) l->at[r] = -1;
    for (int r = 0; r < GP_NUMBERS; r++) {
        l->at[r] = r;
        l->slot[r] = (uint8_t)r;
    }
    l->at[GP_ROLE_DATE] = 0;
    if (s->class && (s->class->lot == 100 || s->class->unit == GP_TDX_UNIT_LOT)) l->volume = GP_UNIT_LOTS;
    if (o) {
        l->more = o->more;
        l->n_more = o->n_more;
    }
}

static int period_code(gp_tdx_kind kind)
{
    const gp_data_period p = gp_tdx_period_of(kind);
    return p == GP_FILES_MIN1 ? 0 : p == GP_FILES_MIN5 ? 1 : 5;
}

static double more_of(const source *s, const record *r, const char *key)
{
    if (!has_more(s, key)) return NAN;
    return strcmp(key, "oi") == 0 ? r->oi : r->settle;
}

/* ---- every record in order ---- */

/* The hot loop of .day files: date, prices, amount and volume, and whether all of them are as they should be. */
static bool decode_day(const source *s, gp_bars *b)
{
    const double scale = s->scale, divisor = s->divisor;
    bool good = true;
    int32_t before = 0;

    for (size_t i = 0; i < s->records; i++) {
        const unsigned char *p = s->p + i * GP_TDX_RECORD;
        const uint32_t o = u32(p + 4), h = u32(p + 8), l = u32(p + 12), c = u32(p + 16);
        const int32_t date = day_of(u32(p));
        good &= (date > before) & (l > 0) & (l <= o) & (o <= h) & (l <= c) & (c <= h);
        before = date;
        b->date[i] = date;
        b->open[i] = o / scale;
        b->high[i] = h / scale;
        b->low[i] = l / scale;
        b->close[i] = c / scale;
        if (b->vol) b->vol[i] = u32(p + 24) / divisor;
        if (b->amount) {
            const double amount = f32(p + 20);
            good &= (amount >= 0) & (amount <= GP_QUOTE_MAX);
            b->amount[i] = amount;
        }
    }
    return good;
}

static bool decode_other(const source *s, const gp_layout *l, gp_bars *b)
{
    double *const column[GP_NUMBERS] = {b->open, b->high, b->low, b->close, b->vol, b->amount};
    int64_t before = 0;

    for (size_t i = 0; i < s->records; i++) {
        record r;
        take_record(s, s->p + i * GP_TDX_RECORD, &r);
        const int32_t date = day_of(r.date), time = time_of(r.minute);
        const int64_t stamp = (int64_t)date * 1000000 + (time > 0 ? time : 0);
        if (date == 0 || stamp <= before || (r.minute >= 0 && time < 0) || !in_order(&r)) return false;
        before = stamp;
        b->date[i] = date;
        if (b->time) b->time[i] = time;
        for (int c = 0; c < GP_NUMBERS; c++) {
            if (!column[c]) continue;
            if (!(r.v[c] >= 0 && r.v[c] <= GP_QUOTE_MAX)) return false;
            column[c][i] = r.v[c];
        }
        for (int m = 0; m < b->n_more; m++) b->more[m][i] = more_of(s, &r, l->more[m]);
    }
    return true;
}

static bool read_plain(const source *s, const gp_layout *l, gp_bars *b)
{
    gp_bars_alloc(b, (int)s->records, l->keep);
    gp_bars_more(b, l->n_more);
    if (s->kind != GP_TDX_DAY && s->kind != GP_TDX_DAY_X) b->time = gp_xcalloc(s->records, sizeof *b->time);
    if (s->kind == GP_TDX_DAY ? decode_day(s, b) : decode_other(s, l, b)) return true;
    gp_bars_fini(b);
    return false;
}

/* ---- record by record ---- */

static void number(gp_row *r, gp_role c, double x, bool counts)
{
    if (x >= -GP_QUOTE_MAX && x <= GP_QUOTE_MAX) {
        r->v[c] = x;
        return;
    }
    if (!counts) return;
    if (r->n_bad < GP_BAD_FIELDS) {
        r->bad[r->n_bad].column = (int)c;
        snprintf(r->bad[r->n_bad].text, sizeof r->bad[r->n_bad].text, "%g", x);
    }
    r->n_bad++;
}

static void one_row(gp_table *t, const source *s, const unsigned char *p)
{
    gp_row *row = &t->row;
    record r;

    take_record(s, p, &r);
    row->date = day_of(r.date);
    row->time = time_of(r.minute);
    if (row->date == 0) snprintf(row->bad_date, sizeof row->bad_date, "%u", r.date);
    if (r.minute >= 0 && row->time < 0) { /* said as a date, too: there is no text to point at */
        row->date = 0;
        snprintf(row->bad_date, sizeof row->bad_date, "%u, minute %d", r.date, r.minute);
    }
    for (int c = 0; c < GP_NUMBERS; c++)
        if (t->layout->have >> c & 1) number(row, (gp_role)c, r.v[c], t->layout->keep >> c & 1);
    for (int m = 0; m < row->n_more; m++) row->more[m] = more_of(s, &r, t->layout->more[m]);
}

static bool read_careful(const source *s, const gp_read_opts *o, const gp_layout *l, gp_read_result *out, gp_diags *d)
{
    static const gp_text no_text = {.p = "", .end = ""};
    gp_table t;
    bool good;

    gp_table_init(&t, l, s->name, o ? o->data : NULL, s->records, d);
    t.reading = o ? o->reading : NULL;
    t.line_text = GP_STR("");
    for (size_t i = 0; i < s->records && !t.failed; i++) {
        t.line = (uint32_t)i + 1;
        one_row(&t, s, s->p + i * GP_TDX_RECORD);
        gp_table_row_end(&t);
    }
    good = !t.failed && gp_table_finish(&t, &no_text, out);
    gp_table_fini(&t);
    return good;
}

/* ---- the file ---- */

/* Why the bytes are no records; NULL: they are. */
static const char *no_records(const unsigned char *p, size_t n)
{
    size_t text = 0, look = n < 256 ? n : 256;

    if (n == 0) return "it is empty";
    if (n >= GP_TDX_RECORD && day_of(u32(p))) return NULL;
    for (size_t i = 0; i < look; i++) text += p[i] >= 0x80 || (p[i] >= 32 && p[i] < 127) || p[i] == '\n' || p[i] == '\r' || p[i] == '\t';
    if (text == look) return "it holds text; quotes in text end in .csv or .txt";
    if (n < GP_TDX_RECORD) return "it is shorter than one record of 32 bytes";
    return NULL;
}

static void make_source(source *s, const char *name, const char *p, size_t n)
{
    *s = (source){.name = name, .p = (const unsigned char *)p, .records = n / GP_TDX_RECORD, .kind = gp_tdx_kind_of(name), .scale = 100};
    gp_code_of_path(name, s->code, sizeof s->code, s->market);
    if (s->kind < GP_TDX_DAY_X) {
        s->class = gp_tdx_class_of(s->code, s->market);
        s->scale = s->class->scale;
    }
    s->divisor = 1;
    choose_unit(s);
}

/* For `data inspect`. */
static void tell(const source *s, const gp_layout *l, const gp_bars *b, gp_reading *r)
{
    static const char *const formats[] = {"", "TDX .day", "TDX .lc5", "TDX .lc1", "TDX .day of the extended market",
                                          "TDX .lc5 of the extended market", "TDX .lc1 of the extended market"};

    r->format = formats[s->kind];
    r->volume = l->volume;
    r->amount = s->class ? GP_UNIT_YUAN : GP_UNIT_UNKNOWN;
    if (!r->order && b->n > 1) r->order = GP_ORDER_OLDEST_FIRST;
    if (s->class) gp_buf_printf(&r->why, "%s: prices times %d, lots of %d", s->class->name, s->class->scale, s->class->lot);
}

bool gp_tdx_read_mem(const char *name, const char *p, size_t n, const gp_read_opts *o, bool careful, gp_read_result *out, gp_diags *d)
{
    const char *why = no_records((const unsigned char *)p, n);
    gp_layout layout;
    gp_bars b = {0};
    source s;

    *out = (gp_read_result){.bytes = n};
    if (!why && n / GP_TDX_RECORD > INT32_MAX - 64) why = "it has more than two thousand million records";
    if (why) {
        gp_diag_file(d, GP_D_TDX_NO_RECORDS, name, 0, 0, why);
        return false;
    }
    make_source(&s, name, p, n);
    if (!has_columns(&s, o, d)) return false;
    if (n % GP_TDX_RECORD) gp_diag_file(d, GP_D_TDX_TRUNCATED, name, 0, 0, n % GP_TDX_RECORD, s.records);
    make_layout(&s, o, &layout);
    out->rows = s.records;
    if (!careful && read_plain(&s, &layout, &b)) {
        gp_bars_label(&b, s.code, s.market, "", name);
        out->at = gp_xcalloc(1, sizeof *out->at);
        out->at[0] = b;
        out->n = 1;
        if (layout.volume == GP_UNIT_LOTS && o && o->data && o->data->volume_unit == GP_VOLUME_SHARES)
            gp_volume_convert(out->at, GP_UNIT_LOTS, GP_VOLUME_SHARES);
    } else if (!read_careful(&s, o, &layout, out, d)) {
        return false;
    }
    out->at[0].period = period_code(s.kind);
    if (o && o->reading) tell(&s, &layout, out->at, o->reading);
    return true;
}

bool gp_tdx_read(const char *path, const gp_read_opts *o, gp_read_result *out, gp_diags *d)
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
    good = gp_tdx_read_mem(path, file.p, file.n, o, false, out, d);
    gp_file_close(&file);
    return good;
}

bool gp_tdx_facts_of(const char *path, gp_tdx_facts *out)
{
    gp_file file;
    char reason[GP_UNPACK_WHY];
    source s;

    if (gp_tdx_kind_of(path) == GP_TDX_NONE || gp_file_open(path, &file)) return false;
    if (gp_file_unpack(&file, reason)) {
        gp_file_close(&file);
        return false;
    }
    make_source(&s, path, file.p, file.n);
    *out = (gp_tdx_facts){s.class, s.kind, (int)s.divisor};
    gp_file_close(&file);
    return true;
}
