/* The made-up market as CSV files. */
#include "base/vec.h"
#include "market/generate.h"
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

enum { MAX_TICKERS = 200000 };

/* mkdir -p */
static const char *make_folder(const char *path)
{
    size_t n = strlen(path);
    char *copy = gp_xrealloc(NULL, n + 1);
    const char *why = NULL;

    strcpy(copy, path);
    for (size_t i = 1; i <= n && !why; i++) {
        if (copy[i] != '/' && copy[i] != 0) continue;
        char kept = copy[i];
        copy[i] = 0;
        if (mkdir(copy, 0777) != 0 && errno != EEXIST) why = strerror(errno);
        copy[i] = kept;
    }
    free(copy);
    return why;
}

static char *put_integer(char *p, int64_t v, int width)
{
    char digits[20];
    int n = 0;

    do {
        digits[n++] = (char)('0' + v % 10);
        v /= 10;
    } while (v);
    for (; width > n; width--) *p++ = '0';
    while (n) *p++ = digits[--n];
    return p;
}

static char *put_hundredths(char *p, double x)
{
    int64_t v = (int64_t)(x * 100 + 0.5);

    p = put_integer(p, v / 100, 1);
    *p++ = '.';
    return put_integer(p, v % 100, 2);
}

static size_t put_bars(const gp_bars *b, char *text)
{
    static const char header[] = "date,open,high,low,close,volume,amount\n";
    char *p = text;

    memcpy(p, header, sizeof header - 1);
    p += sizeof header - 1;
    for (int i = 0; i < b->n; i++) {
        const double prices[] = {b->open[i], b->high[i], b->low[i], b->close[i]};
        p = put_integer(p, b->date[i] / 10000, 4);
        *p++ = '-';
        p = put_integer(p, b->date[i] / 100 % 100, 2);
        *p++ = '-';
        p = put_integer(p, b->date[i] % 100, 2);
        for (int c = 0; c < 4; c++) {
            *p++ = ',';
            p = put_hundredths(p, prices[c]);
        }
        *p++ = ',';
        p = put_integer(p, (int64_t)b->vol[i], 1);
        *p++ = ',';
        p = put_hundredths(p, b->amount[i]);
        *p++ = '\n';
    }
    return (size_t)(p - text);
}

static const char *write_file(const char *path, const char *text, size_t n)
{
    FILE *f = fopen(path, "wb");
    const char *why = NULL;

    if (!f) return strerror(errno);
    if (fwrite(text, 1, n, f) != n) why = strerror(errno);
    if (fclose(f) != 0 && !why) why = strerror(errno);
    return why;
}

const char *gp_generate_files(uint64_t seed, int tickers, int bars, const char *out_dir)
{
    const char *why;
    char *text = NULL;
    size_t room = 0;

    if (tickers < 1 || bars < 1) return "at least one ticker and one bar are needed";
    if (tickers > MAX_TICKERS) return "more than 200000 tickers: there are not so many codes";
    why = make_folder(out_dir);
    for (int k = 0; k < tickers && !why; k++) {
        gp_bars b;
        gp_buf path = {0};
        gp_generate(seed, k, bars, &b);
        size_t need = 64 + (size_t)b.n * 160; /* eight numbers of at most 20 characters */
        if (need > room) text = gp_xrealloc(text, room = need);
        gp_buf_printf(&path, "%s/%s.csv", out_dir, b.code);
        why = write_file(path.p, text, put_bars(&b, text));
        gp_buf_free(&path);
        gp_bars_fini(&b);
    }
    free(text);
    return why;
}
