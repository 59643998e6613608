/* Columns as bytes and back. */
#include "market/store_chunk.h"
#include <math.h>
#include <string.h>
#include "base/vec.h"

typedef struct head {
    uint64_t check; /* of what follows: the rest of the head and the columns' heads */
    uint32_t ticker, number, n, n_columns;
} head;

_Static_assert(sizeof(head) == 24 && sizeof(gp_chunk_head) == 32, "they are written as they lie");

enum { MAX_SCALE = 9 };
static const double powers[MAX_SCALE + 1] = {1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9};
#define WHOLE 9007199254740992.0 /* 2^53: below it every whole number is a double */

/* As gp_chunk_key makes them on a machine that stores the lowest byte first, which the stamp of a store asks for. */
#define KEY(A, B, C, D, E, F) \
    ((uint64_t)(A) | (uint64_t)(B) << 8 | (uint64_t)(C) << 16 | (uint64_t)(D) << 24 | (uint64_t)(E) << 32 | (uint64_t)(F) << 40)
const uint64_t gp_chunk_keys[6] = {KEY('o', 'p', 'e', 'n', 0, 0),   KEY('h', 'i', 'g', 'h', 0, 0), KEY('l', 'o', 'w', 0, 0, 0),
                                   KEY('c', 'l', 'o', 's', 'e', 0), KEY('v', 'o', 'l', 0, 0, 0),   KEY('a', 'm', 'o', 'u', 'n', 't')};
#undef KEY

uint64_t gp_chunk_key(const char *name)
{
    uint64_t key = 0;
    const size_t n = strlen(name);
    memcpy(&key, name, n < 8 ? n : 8);
    return key;
}

void gp_chunk_name(uint64_t key, char name[9])
{
    memcpy(name, &key, 8);
    name[8] = 0;
}

/* ---- hash ---- */

static inline uint64_t fold(uint64_t a, uint64_t b)
{
    const unsigned __int128 product = (unsigned __int128)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static inline uint64_t word(const char *p)
{
    uint64_t w;
    memcpy(&w, p, 8);
    return w;
}

uint64_t gp_chunk_hash(const void *data, size_t n)
{
    const uint64_t k0 = UINT64_C(0x9e3779b97f4a7c15), k1 = UINT64_C(0xd6e8feb86659fd93), k2 = UINT64_C(0xa0761d6478bd642f);
    const char *p = data, *end = p + n;
    uint64_t a = k0 ^ n, b = k1, c = k2, d = k0 + k2;

    for (; end - p >= 64; p += 64) { /* four chains, so that the multiplications overlap */
        a = fold(word(p) ^ k0, word(p + 8) ^ a);
        b = fold(word(p + 16) ^ k1, word(p + 24) ^ b);
        c = fold(word(p + 32) ^ k2, word(p + 40) ^ c);
        d = fold(word(p + 48) ^ k0, word(p + 56) ^ d);
    }
    for (; end - p >= 8; p += 8) a = fold(word(p) ^ k1, a ^ k2);
    if (p < end) {
        uint64_t w = 0;
        memcpy(&w, p, (size_t)(end - p));
        b = fold(w ^ k2, b ^ k0);
    }
    return fold(fold(a ^ k1, b ^ k0) ^ c, d ^ k2);
}

/* The same loop with wider registers where the machine has them; a division is the same bits in any width. */
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define GP_WIDE __attribute__((target_clones("avx2", "default")))
#else
#define GP_WIDE
#endif

/* ---- to bytes ---- */

static bool same_bits(double a, double b)
{
    return memcmp(&a, &b, sizeof a) == 0;
}

/* v as a whole number over 10^scale, when that gives back the very same double. */
static bool whole(double v, int scale, int64_t *number)
{
    const double x = v * powers[scale];
    if (!(fabs(x) < WHOLE)) return false;
    *number = (int64_t)(x + (x < 0 ? -0.5 : 0.5));
    return same_bits((double)*number / powers[scale], v);
}

/* The least scale that fits all; -1 none.  Numbers are left in to, nulls as INT64_MIN. */
static int scale_of(const double *v, int n, int64_t *to)
{
    int scale = 0;

    for (int i = 0; i < n;) {
        if (isnan(v[i])) {
            to[i++] = INT64_MIN;
        } else if (whole(v[i], scale, &to[i])) {
            i++;
        } else {
            while (++scale <= MAX_SCALE && !whole(v[i], scale, &to[i])) {}
            if (scale > MAX_SCALE) return -1;
            i = 0; /* all again with the finer scale */
        }
    }
    return scale;
}

static void add_zeros(gp_buf *out, size_t n)
{
    static const char zeros[8];
    gp_buf_add(out, zeros, n);
}

/* room holds the numbers, and behind them there is space for as many again. */
#define NARROW(TYPE, NULL_NUMBER)                                                                             \
    do {                                                                                                      \
        TYPE *to_ = (TYPE *)(void *)(v + n);                                                                  \
        for (int i = 0; i < n; i++) to_[i] = v[i] == INT64_MIN ? (TYPE)NULL_NUMBER : (TYPE)(v[i] - h->base);  \
        gp_buf_add(out, (const char *)to_, (size_t)n * sizeof *to_);                                          \
    } while (0)

/* Appends the numbers in the narrowest width and fills the head.  INT64_MIN is a null. */
static void add_numbers(int64_t *v, int n, gp_chunk_head *h, gp_buf *out)
{
    int64_t low = INT64_MAX, high = INT64_MIN;

    for (int i = 0; i < n; i++) {
        if (v[i] == INT64_MIN) {
            h->nulls = 1;
            continue;
        }
        low = v[i] < low ? v[i] : low;
        high = v[i] > high ? v[i] : high;
    }
    if (low > high) { /* nothing but nulls */
        h->width = 0;
        return;
    }
    const int64_t spread = high - low;
    h->base = low + spread / 2;
    h->width = spread == 0 && !h->nulls ? 0 : spread < 254 ? 1 : spread < 65534 ? 2 : spread < INT64_C(4294967294) ? 4 : 8;
    if (h->width == 8) h->base = 0;
    switch (h->width) {
    case 1:
        NARROW(int8_t, INT8_MIN);
        break;
    case 2:
        NARROW(int16_t, INT16_MIN);
        break;
    case 4:
        NARROW(int32_t, INT32_MIN);
        break;
    case 8:
        gp_buf_add(out, (const char *)v, (size_t)n * sizeof *v);
        break;
    default:
        break;
    }
}

static void finish_column(gp_chunk_head *h, size_t start, size_t at, gp_buf *out)
{
    h->at = (uint32_t)(at - start);
    h->check = gp_chunk_hash(out->p + at, out->n - at);
    add_zeros(out, (8 - (out->n - start) % 8) % 8);
}

static void add_ints(uint64_t key, const int32_t *v, int n, int64_t *room, gp_chunk_head *h, size_t start, gp_buf *out)
{
    const size_t at = out->n;
    *h = (gp_chunk_head){.key = key};
    for (int i = 0; i < n; i++) room[i] = v[i];
    add_numbers(room, n, h, out);
    finish_column(h, start, at, out);
}

static void add_doubles(const gp_chunk_column *c, int n, int64_t *room, gp_chunk_head *h, size_t start, gp_buf *out)
{
    const size_t at = out->n;
    const int scale = scale_of(c->v, n, room);
    *h = (gp_chunk_head){.key = c->key};
    if (scale >= 0) {
        h->scale = (uint8_t)scale;
        add_numbers(room, n, h, out);
    } else {
        h->width = GP_CHUNK_RAW;
        gp_buf_add(out, (const char *)c->v, (size_t)n * sizeof *c->v);
    }
    finish_column(h, start, at, out);
}

void gp_chunk_encode(const gp_chunk_rows *rows, gp_buf *out)
{
    const size_t start = out->n;
    head first = {.ticker = rows->ticker, .number = rows->number, .n = (uint32_t)rows->n,
                  .n_columns = (uint32_t)(rows->n_columns + 1 + (rows->time != NULL))};
    gp_chunk_head heads[GP_CHUNK_COLUMNS];
    int64_t *room = gp_xrealloc(NULL, 2 * (size_t)rows->n * sizeof *room);
    int k = 0;

    memset(heads, 0, sizeof heads);
    gp_buf_add(out, (const char *)&first, sizeof first);
    gp_buf_add(out, (const char *)heads, first.n_columns * sizeof *heads);
    add_ints(GP_CHUNK_DATE, rows->date, rows->n, room, &heads[k++], start, out);
    if (rows->time) add_ints(GP_CHUNK_TIME, rows->time, rows->n, room, &heads[k++], start, out);
    for (int i = 0; i < rows->n_columns; i++) add_doubles(&rows->columns[i], rows->n, room, &heads[k++], start, out);
    memcpy(out->p + start + sizeof first, heads, first.n_columns * sizeof *heads);
    first.check = gp_chunk_hash(out->p + start + 8, sizeof first - 8 + first.n_columns * sizeof *heads);
    memcpy(out->p + start, &first, sizeof first);
    free(room);
}

/* ---- and back ---- */

static size_t width_of(const gp_chunk_head *h)
{
    return h->width == GP_CHUNK_RAW ? sizeof(double) : h->width;
}

bool gp_chunk_open(const char *p, size_t bytes, uint32_t ticker, uint32_t number, gp_chunk *out, const char **why)
{
    const head *first = (const head *)(const void *)p;

    *why = "its head was changed";
    if (bytes < sizeof *first || first->n_columns == 0 || first->n_columns > GP_CHUNK_COLUMNS || first->n > INT32_MAX / 16) return false;
    const size_t heads = sizeof *first + first->n_columns * sizeof *out->columns;
    if (bytes < heads || gp_chunk_hash(p + 8, heads - 8) != first->check) return false;
    *why = "it is that of another security or time";
    if (first->ticker != ticker || first->number != number) return false;
    *out = (gp_chunk){.p = p, .bytes = bytes, .n = (int)first->n, .n_columns = (int)first->n_columns,
                      .columns = (const gp_chunk_head *)(const void *)(p + sizeof *first)};
    *why = "a column of it is cut off";
    for (int i = 0; i < out->n_columns; i++) {
        const gp_chunk_head *h = &out->columns[i];
        const size_t w = width_of(h);
        if ((w != 0 && w != 1 && w != 2 && w != 4 && w != 8) || h->scale > MAX_SCALE || h->at % 8 || h->at > bytes || w * (size_t)out->n > bytes - h->at)
            return false;
    }
    *why = NULL;
    return true;
}

const gp_chunk_head *gp_chunk_find(const gp_chunk *c, uint64_t key)
{
    for (int i = 0; i < c->n_columns; i++)
        if (c->columns[i].key == key) return &c->columns[i];
    return NULL;
}

static bool sound(const gp_chunk *c, const gp_chunk_head *h)
{
    return gp_chunk_hash(c->p + h->at, width_of(h) * (size_t)c->n) == h->check;
}

/* base + number is below 2^53 in any case, so both steps before the division are exact. */
#define DECODE(TYPE, NULL_NUMBER)                                                                            \
    do {                                                                                                     \
        const TYPE *restrict from_ = (const TYPE *)(const void *)(c->p + h->at) + from;                      \
        if (h->nulls)                                                                                        \
            for (int i = 0; i < n; i++) to[i] = from_[i] == NULL_NUMBER ? NAN : ((double)from_[i] + base) / by; \
        else if (h->scale)                                                                                   \
            for (int i = 0; i < n; i++) to[i] = ((double)from_[i] + base) / by;                              \
        else                                                                                                 \
            for (int i = 0; i < n; i++) to[i] = (double)from_[i] + base;                                     \
    } while (0)

GP_WIDE bool gp_chunk_doubles(const gp_chunk *c, const gp_chunk_head *h, int from, double *restrict to)
{
    const double base = (double)h->base, by = powers[h->scale];
    const int n = c->n - from;

    if (!sound(c, h)) return false;
    switch (h->width) {
    case 0:
        for (int i = 0; i < n; i++) to[i] = h->nulls ? NAN : base / by;
        break;
    case 1:
        DECODE(int8_t, INT8_MIN);
        break;
    case 2:
        DECODE(int16_t, INT16_MIN);
        break;
    case 4:
        DECODE(int32_t, INT32_MIN);
        break;
    case 8:
        DECODE(int64_t, INT64_MIN);
        break;
    default:
        memcpy(to, c->p + h->at + (size_t)from * sizeof *to, (size_t)n * sizeof *to);
    }
    return true;
}

#define DECODE_INTS(TYPE)                                                               \
    do {                                                                                \
        const TYPE *restrict from_ = (const TYPE *)(const void *)(c->p + h->at) + from; \
        for (int i = 0; i < n; i++) to[i] = (int32_t)((uint32_t)from_[i] + base);       \
    } while (0)

bool gp_chunk_ints(const gp_chunk *c, const gp_chunk_head *h, int from, int32_t *restrict to)
{
    const uint32_t base = (uint32_t)h->base;
    const int n = c->n - from;

    if (!sound(c, h)) return false;
    switch (h->width) {
    case 0:
        for (int i = 0; i < n; i++) to[i] = (int32_t)base;
        break;
    case 1:
        DECODE_INTS(int8_t);
        break;
    case 2:
        DECODE_INTS(int16_t);
        break;
    case 4:
        DECODE_INTS(int32_t);
        break;
    default:
        return false; /* no date or time needs more */
    }
    return true;
}
