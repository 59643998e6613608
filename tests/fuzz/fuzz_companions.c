/* Bytes -> the tables beside the quotes.  The first byte says which: figures, series, events, a list of blocks, the members of one.
 * The readers take paths, so the bytes are put in a file in memory. */
#include <math.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include "fuzz.h"
#include "market/adjust.h"
#include "market/blocks.h"
#include "market/codes.h"
#include "market/facts.h"

static const char *const keys[] = {"capital", "totalcapital", "finance.1", "finance.33", "listed", "bonus_per_10", "allot_price", "1", "signal"};
enum { KEYS = sizeof keys / sizeof *keys, FILES = 2 };

static gp_bars securities[] = {{.code = "600000", .market = "SH"}, {.code = "000002", .market = "SZ"}, {.code = "600000", .market = ""}};
enum { SECURITIES = sizeof securities / sizeof *securities };

static void put(int fd, const uint8_t *p, size_t n)
{
    FUZZ_CHECK(ftruncate(fd, 0) == 0 && pwrite(fd, p, n, 0) == (ssize_t)n, "cannot write");
}

typedef gp_facts *facts_reader(const char *path, const char *const *keys, int n_keys, gp_diags *d);

static void facts(facts_reader *read, const uint8_t *p, size_t n, gp_diags *d)
{
    static int fd = -1;
    char path[40];
    if (fd < 0) fd = memfd_create("companion", 0);
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    put(fd, p, n);
    gp_facts *f = read(path, keys, KEYS, d);
    FUZZ_CHECK(f || d->errors, "a file was refused without a reason");
    for (int k = 0; f && k < KEYS; k++)
        for (int s = 0; s < SECURITIES; s++) {
            int count = 0;
            const gp_fact *at = gp_facts_of(f, &securities[s], k, &count);
            FUZZ_CHECK(count == 0 || (at && gp_facts_has(f, k)), "%s has values but no column", keys[k]);
            for (int i = 0; i < count; i++) {
                FUZZ_CHECK(i == 0 || at[i].date > at[i - 1].date, "%s: value %d is out of order", keys[k], i);
                FUZZ_CHECK(isfinite(at[i].value), "%s: value %d is %g", keys[k], i, at[i].value);
            }
        }
    FUZZ_CHECK(!f || gp_facts_columns(f), "no columns");
    gp_facts_free(f);
}

static char folder[40], files[FILES][64];
static void remove_folder(void)
{
    char sub[48];
    for (int k = 0; k < FILES; k++) unlink(files[k]);
    snprintf(sub, sizeof sub, "%s/gn", folder);
    rmdir(sub);
    rmdir(folder);
}

static void make_folder(void)
{
    char sub[48];
    snprintf(folder, sizeof folder, "%s/fuzz-XXXXXX", access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
    FUZZ_CHECK(mkdtemp(folder), "no folder");
    snprintf(sub, sizeof sub, "%s/gn", folder);
    FUZZ_CHECK(mkdir(sub, 0700) == 0, "no folder");
    snprintf(files[0], sizeof files[0], "%s/blocks.csv", folder);
    snprintf(files[1], sizeof files[1], "%s/gn/some.blk", folder);
    atexit(remove_folder);
}

static void blocks(bool list, const uint8_t *p, size_t n, gp_diags *d)
{
    if (!*folder) make_folder();
    for (int k = 0; k < FILES; k++) unlink(files[k]);
    FILE *f = fopen(files[list ? 0 : 1], "wb");
    FUZZ_CHECK(f && fwrite(p, 1, n, f) == n && fclose(f) == 0, "cannot write");
    gp_blocks *b = gp_blocks_read(folder, d);
    FUZZ_CHECK(b || d->errors, "a folder was refused without a reason");
    for (int s = 0; b && s < SECURITIES; s++)
        for (int k = 0; k < GP_BLOCK_KINDS; k++) {
            gp_buf names = {0};
            const int count = gp_blocks_of(b, (gp_block_kind)k, &securities[s], &names);
            FUZZ_CHECK(count == gp_blocks_of(b, (gp_block_kind)k, &securities[s], NULL), "counted differently");
            FUZZ_CHECK(count == 0 || gp_blocks_any(b, (gp_block_kind)k), "in a kind of block that does not exist");
            gp_buf_free(&names);
        }
    if (b) {
        gp_buf names = {0};
        const int some = gp_blocks_find(b, "some");
        gp_blocks_names(b, &names);
        if (some >= 0)
            for (int s = 0; s < SECURITIES; s++)
                FUZZ_CHECK(!gp_blocks_holds(b, some, &securities[s]) || gp_blocks_size(b, some) > 0, "in an empty block");
        gp_buf_free(&names);
    }
    gp_blocks_free(b);
}

static void codes(const char *p, size_t n)
{
    gp_codes c = {0};
    for (size_t from = 0, to; from <= n; from = to + 1) {
        for (to = from; to < n && p[to] != '\n' && p[to] != ','; to++) {}
        const gp_str cell = {p + from, to - from};
        const uint32_t at = gp_codes_add(&c, cell);
        FUZZ_CHECK(at < c.n && gp_codes_add(&c, cell) == at, "a code is another one the second time");
        const int found = gp_codes_find(&c, c.at[at].code, c.at[at].market);
        FUZZ_CHECK(found >= 0 && strcmp(c.at[found].code, c.at[at].code) == 0, "a code that was added is not there");
    }
    gp_codes_fini(&c);
}

static void events(const uint8_t *p, size_t n, gp_diags *d)
{
    static int fd = -1;
    char path[40];
    if (fd < 0) fd = memfd_create("events", 0);
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    put(fd, p, n);
    gp_events *e = gp_events_read(path, d);
    FUZZ_CHECK(e || d->errors, "a file was refused without a reason");
    for (int s = 0; e && s < SECURITIES; s++) {
        int count = 0;
        const gp_event *at = gp_events_of(e, &securities[s], &count);
        for (int i = 0; i < count; i++) FUZZ_CHECK(i == 0 || at[i].date > at[i - 1].date, "event %d is out of order", i);
        for (int how = 0; how < 4; how++) {
            gp_bars b = {0};
            gp_adjuster a = {.events = e, .to = how & 1 ? GP_ADJUST_FORWARD : GP_ADJUST_BACKWARD, .way = how & 2 ? GP_WAY_TDX : GP_WAY_FACTOR, .decimals = how ? how : -1};
            gp_bars_alloc(&b, 20, 15);
            gp_bars_label(&b, securities[s].code, securities[s].market, "", "bars");
            for (int i = 0; i < b.n; i++) b.date[i] = count && i > 9 ? at[count / 2].date + i - 10 : 19900101 + i, b.open[i] = b.high[i] = b.low[i] = b.close[i] = 10 + i;
            if (b.date[10] > b.date[9]) gp_adjust(&a, &b, d);
            gp_bars_fini(&b);
        }
    }
    gp_events_free(e);
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
    static facts_reader *const readers[] = {gp_facts_read, gp_series_read};
    gp_diags d = {0};
    if (n == 0) return 0;
    const int what = p[0] % 5;
    p++, n--;
    if (what == 2) events(p, n, &d);
    else if (what < 2) facts(readers[what], p, n, &d);
    else blocks(what == 3, p, n, &d);
    codes((const char *)p, n);
    fuzz_render(&d);
    gp_diags_fini(&d);
    return 0;
}
