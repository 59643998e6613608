/* What programs cost here, and what a device costs: by trying. */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>
#include "accel/cost.h"
#include "accel/folder.h"
#include "accel/measure.h"
#include "eval/code.h"
#include "parser/parser.h"

/* ---- made-up quotes ---- */

enum { BARS = 1024 };

typedef struct quotes {
    double *columns[6];
    int32_t *date;
    const double **ext;
    gp_str *text;
    gp_lane lane[GP_VM_LANES];
    int n;
} quotes;

/* Prices wander, so that windows and conditions have something to do; `from`: where results are wanted from. */
static void make_quotes(quotes *q, int n, int externals, int from)
{
    uint32_t r = 1;
    *q = (quotes){.n = n};
    for (int k = 0; k < 6; k++) q->columns[k] = gp_xcalloc((size_t)n * GP_VM_LANES + 1, sizeof(double));
    q->date = gp_xcalloc((size_t)n + 1, sizeof *q->date);
    q->ext = gp_xcalloc((size_t)(externals + 1) * GP_VM_LANES, sizeof *q->ext);
    q->text = gp_xcalloc((size_t)externals + 1, sizeof *q->text);
    for (int i = 0; i < n; i++) q->date[i] = 20000101 + i / 336 * 10000 + i / 28 % 12 * 100 + i % 28;
    for (int l = 0; l < GP_VM_LANES; l++) {
        double price = 10 + l;
        double *at[6];
        for (int k = 0; k < 6; k++) at[k] = q->columns[k] + (size_t)l * (size_t)n;
        for (int i = 0; i < n; i++) {
            r = r * 1664525u + 1013904223u;
            const double move = ((double)(r >> 8) / 16777216.0 - 0.5) * 0.06, close = price * (1 + move);
            at[0][i] = price, at[3][i] = close;
            at[1][i] = (close > price ? close : price) * 1.004, at[2][i] = (close < price ? close : price) * 0.996;
            at[4][i] = 1e6 * (1 + 20 * move), at[5][i] = at[4][i] * close;
            price = close > 2 && close < 500 ? close : 10 + l;
        }
        for (int k = 0; k < externals; k++) q->ext[(size_t)l * (size_t)externals + (size_t)k] = at[3];
        q->lane[l] = (gp_lane){.n = n, .open = at[0], .high = at[1], .low = at[2], .close = at[3], .vol = at[4], .amount = at[5], .date = q->date, .period = 5,
                               .code = GP_STR("600000"), .market = GP_STR("SH"), .ext = q->ext + (size_t)l * (size_t)externals, .ext_text = q->text, .from = from};
    }
}

static void drop_quotes(quotes *q)
{
    for (int k = 0; k < 6; k++) free(q->columns[k]);
    free(q->date);
    free(q->ext);
    free(q->text);
}

double gp_accel_host_bar(const gp_program *p, int bars)
{
    static const double enough = 2e-3, most = 0.05; /* seconds of trying */
    const int slots = gp_program_n_slots(p), n = bars < 64 ? 64 : bars > BARS ? BARS : bars;
    quotes q;
    double best = INFINITY, spent = 0;
    make_quotes(&q, n, (int)p->externals.n, n - 1);
    double *values = gp_xcalloc((size_t)slots * GP_VM_LANES + 1, sizeof *values), **out = gp_xcalloc((size_t)slots * GP_VM_LANES + 1, sizeof *out);
    for (int k = 0; k < slots * GP_VM_LANES; k++) out[k] = &values[k];
    for (int l = 0; l < GP_VM_LANES; l++) q.lane[l].out = out + l * slots;
    gp_vm *vm = gp_vm_new(p, NULL);
    int runs = 0;
    do { /* the best of some runs: the first one finds its memory cold, and others may be held up */
        const double began = gp_accel_clock();
        gp_vm_run(vm, q.lane, GP_VM_LANES);
        const double took = gp_accel_clock() - began;
        best = took < best ? took : best;
        spent += took;
    } while (spent < enough || (++runs < 3 && spent < most));
    gp_vm_free(vm);
    free(out);
    free(values);
    drop_quotes(&q);
    return best / ((double)n * GP_VM_LANES);
}

/* ---- a device ---- */

enum { TICKERS = 128, FULL = 512 /* lanes of a processor of the device that hide the latency of its memory */, MOST_SETS = 2048 };

typedef struct bench {
    gp_accel *a;
    gp_formula *formula;
    gp_program *p;
    quotes q;
    gp_lane lane[TICKERS];
    gp_accel_market *market;
    int slots;
    double *values, **out; /* a row for each set, ticker and result, one for all where only the last bar is wanted */
} bench;

/* A formula like many, but one that nobody has compiled yet: a constant of it is the time.  BARSCOUNT has no end: it is not cut in time. */
static bool make_bench(bench *b, gp_accel *a)
{
    char text[256];
    gp_diags d = {0};
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    snprintf(text, sizeof text, "A:=MA(C,20);B:=EMA(C,12);R:=(C-LLV(L,9))/(HHV(H,9)-LLV(L,9))*100;X:CROSS(B,A) AND V>MA(V,5) AND R<%d.%09ld AND BARSCOUNT(C)>20;Y:SMA(R,3,1);",
             (int)(now.tv_sec % 90) + 1, now.tv_nsec);
    *b = (bench){.a = a, .formula = gp_formula_parse("<measure>", text, strlen(text), GP_ENC_UTF8, &d)};
    if (gp_formula_resolve(b->formula, &d)) b->p = gp_compile(b->formula, &(gp_compile_opts){0}, &d);
    gp_diags_fini(&d);
    if (!b->p) return false;
    make_quotes(&b->q, BARS, 0, BARS - 1);
    for (int k = 0; k < TICKERS; k++) b->lane[k] = b->q.lane[k % GP_VM_LANES];
    b->slots = gp_program_n_slots(b->p);
    b->values = gp_xcalloc((size_t)TICKERS * (size_t)b->slots * BARS, sizeof *b->values);
    b->out = gp_xcalloc((size_t)TICKERS * (size_t)b->slots, sizeof *b->out);
    for (int k = 0; k < TICKERS * b->slots; k++) b->out[k] = b->values + (size_t)k * BARS;
    const gp_program *const p = b->p;
    b->market = gp_accel_market_new(a, &p, 1, b->lane, TICKERS);
    return true;
}

static void drop_bench(bench *b)
{
    gp_accel_market_free(b->market);
    gp_program_free(b->p);
    gp_formula_free(b->formula);
    free(b->values);
    free(b->out);
    if (b->market) drop_quotes(&b->q);
}

/* Seconds of a run, and of its kernels. */
static double run(bench *b, int sets, bool whole, double *kernels)
{
    const gp_program **p = gp_xcalloc((size_t)sets, sizeof *p);
    double *const **out = gp_xcalloc((size_t)sets, sizeof *out); /* all sets write the same rows */
    for (int s = 0; s < sets; s++) p[s] = b->p, out[s] = b->out;
    const double before = gp_accel_counts(b->a).kernel_s, began = gp_accel_clock();
    gp_accel_run(b->a, b->market, p, sets, &(gp_accel_want){.out = (double *const *const *)out, .whole = whole, .jobs = 1});
    const double took = gp_accel_clock() - began;
    *kernels = gp_accel_counts(b->a).kernel_s - before;
    free(out);
    free(p);
    return took;
}

static double best_run(bench *b, int sets, bool whole, double *kernels)
{
    double k, best = run(b, sets, whole, kernels);
    for (int again = 0; again < 2 && best < 0.02; again++) {
        const double t = run(b, sets, whole, &k);
        *kernels = k < *kernels ? k : *kernels;
        best = t < best ? t : best;
    }
    return best;
}

static bool compile_both(bench *b, gp_accel_costs *c)
{
    gp_accel *a = b->a;
    gp_fuse_steps steps = {0};
    gp_fused f;
    gp_buf text = {0};
    gp_device_code *code;
    gp_accel_status s = GP_ACCEL_REFUSED;
    const gp_program *const p = b->p;
    if (!gp_fuse_kernel(&p, 1, &(gp_fuse_opts){.name = "goldpit", .blocks = a->force.blocks}, &f, &steps, &text)) return false;
    gp_fused_fini(&f);
    pthread_mutex_lock(&a->lock);
    const double began = gp_accel_clock();
    if (a->device) gp_accel_kernel(a, text.p, false, &steps, &s);
    const double made = gp_accel_clock();
    if (s == GP_ACCEL_OK) s = gp_accel_compile(a, &steps, false, &text, &code);
    c->compile = made - began;
    c->load = gp_accel_clock() - made;
    if (s != GP_ACCEL_OK && a->device) gp_accel_note(a, s);
    pthread_mutex_unlock(&a->lock);
    gp_buf_free(&text);
    return s == GP_ACCEL_OK;
}

/* What is too short for the clock still takes a little. */
static double at_least(double x, double least) { return x > least ? x : least; }

/* Seconds that a run takes longer whose quotes have to be put in order and sent. */
static double upload_s(bench *b, double again, double *bytes)
{
    const gp_program *const p = b->p;
    double best = INFINITY, k;
    for (int tries = 0; tries < 2; tries++) {
        gp_accel_market_free(b->market);
        b->market = gp_accel_market_new(b->a, &p, 1, b->lane, TICKERS);
        const size_t before = gp_accel_counts(b->a).uploaded;
        const double took = run(b, 1, false, &k);
        *bytes = (double)(gp_accel_counts(b->a).uploaded - before);
        best = took < best ? took : best;
    }
    return at_least(best - again, 1e-6);
}

/* With lanes enough to fill the device, however long those of one set take. */
static void measure_full(bench *b, double bar, gp_accel_costs *c)
{
    static const double enough = 0.25; /* seconds of kernels */
    const int all = (int)(c->processors * FULL / TICKERS) + 1, most = all < MOST_SETS ? all : MOST_SETS;
    double kernels;
    c->full = c->alone / TICKERS;
    for (int sets = most < 8 ? most : 8;; sets = sets * 8 < most ? sets * 8 : most) {
        best_run(b, sets, false, &kernels);
        const double full = at_least(kernels, 1e-7) / (bar * BARS * TICKERS * sets);
        c->full = full < c->full ? full : c->full;
        if (sets == most || kernels > enough) return;
    }
}

static bool measure(bench *b, gp_accel_costs *c)
{
    const double bar = gp_accel_host_bar(b->p, BARS);
    double kernels, k, up;
    if (!compile_both(b, c)) return false;
    const size_t host = gp_accel_counts(b->a).host;
    run(b, 1, false, &kernels); /* the driver loads the kernel, memory for launches is taken: of no other run */
    const double again = best_run(b, 1, false, &kernels);
    const double whole = best_run(b, 1, true, &k), down = (double)TICKERS * b->slots * (BARS - 1) * sizeof(double);
    c->upload = upload_s(b, again, &up) / up;
    c->download = at_least(whole - again, 1e-6) / down;
    c->run = at_least(again - kernels, 1e-6);
    c->alone = at_least(kernels, 1e-7) / (bar * BARS);
    measure_full(b, bar, c);
    return gp_accel_ready(b->a) && gp_accel_counts(b->a).host == host;
}

bool gp_accel_measure(gp_accel *a, gp_accel_costs *c)
{
    bench b;
    if (!gp_accel_ready(a)) return false;
    *c = (gp_accel_costs){.open = at_least(a->open_s, 1e-6), .processors = at_least(a->about.processors, 1)};
    memcpy(c->device, a->about.device, sizeof c->device);
    memcpy(c->driver, a->about.driver, sizeof c->driver);
    memcpy(c->compiler, a->about.compiler, sizeof c->compiler);
    const gp_accel_kernels asked = a->kernels_of;
    a->kernels_of = GP_KERNELS_FUSED; /* what is measured are kernels of their own */
    const bool good = make_bench(&b, a) && measure(&b, c);
    a->kernels_of = asked;
    drop_bench(&b);
    return good;
}

/* ---- the file ---- */

static const char first_line[] = "goldpit costs 1, program " GOLDPIT_VERSION "\n";

static const struct { const char *name; size_t at, room; /* of a text; 0: a number */ } line[] = {
#define TEXT(NAME) {#NAME, offsetof(gp_accel_costs, NAME), sizeof((gp_accel_costs *)0)->NAME}
#define NUMBER(NAME) {#NAME, offsetof(gp_accel_costs, NAME), 0}
    TEXT(device), TEXT(driver), TEXT(compiler), NUMBER(processors), NUMBER(open), NUMBER(compile), NUMBER(load), NUMBER(run), NUMBER(upload), NUMBER(download), NUMBER(full), NUMBER(alone),
#undef TEXT
#undef NUMBER
};
enum { LINES = sizeof line / sizeof *line };

/* "costs-HOST", of the visible devices "costs-HOST-0": a home folder may belong to several machines, and a machine may have several devices. */
static bool path_of(char path[GP_ACCEL_PATH], bool make)
{
    char host[GP_ACCEL_NAME / 2] = "";
    const char *seen = getenv("CUDA_VISIBLE_DEVICES");
    if (!gp_accel_folder(path, make)) return false;
    gethostname(host, sizeof host - 1);
    char *name = path + strlen(path) + 1;
    snprintf(name - 1, GP_ACCEL_NAME, "/costs-%s%s%s", host, seen && *seen ? "-" : "", seen ? seen : "");
    for (; *name; name++)
        if (!isalnum((unsigned char)*name) && *name != '-' && *name != '.') *name = '_';
    return true;
}

/* Whoever measures keeps others from it: two at once would both measure half a device.  Waits `most_s` seconds at most, and then does without:
 * the lock of a program that ends is gone, but one that is stopped keeps it.  -1: none. */
int gp_accel_costs_lock(double most_s)
{
    static const struct timespec turn = {.tv_nsec = 20000000};
    char path[GP_ACCEL_PATH + 8];
    const double began = gp_accel_clock();
    if (!path_of(path, true)) return -1;
    memcpy(path + strlen(path), ".lock", sizeof ".lock");
    const int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) return -1;
    while (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        if ((errno != EWOULDBLOCK && errno != EINTR) || gp_accel_clock() - began >= most_s) {
            close(fd);
            return -1;
        }
        nanosleep(&turn, NULL);
    }
    return fd;
}

void gp_accel_costs_unlock(int lock)
{
    if (lock >= 0) close(lock);
}

/* Every line in its place, and nothing after the last one. */
static bool parse(const char *p, gp_accel_costs *c)
{
    if (strncmp(p, first_line, sizeof first_line - 1) != 0) return false;
    p += sizeof first_line - 1;
    for (int k = 0; k < LINES; k++) {
        const size_t name = strlen(line[k].name), n = strcspn(p, "\n");
        char *to = (char *)c + line[k].at;
        double x;
        if (n <= name || strncmp(p, line[k].name, name) != 0 || p[name] != ' ' || p[n] != '\n') return false;
        const char *value = p + name + 1;
        const size_t length = n - name - 1;
        if (line[k].room) {
            if (length >= line[k].room) return false;
            memcpy(to, value, length);
            to[length] = 0;
        } else {
            if (!gp_num_parse(value, length, &x) || !(x > 0) || x > 1e6) return false;
            memcpy(to, &x, sizeof x);
        }
        p += n + 1;
    }
    return strcmp(p, "end\n") == 0;
}

bool gp_accel_costs_read(gp_accel_costs *c)
{
    char path[GP_ACCEL_PATH], text[4096];
    FILE *f = path_of(path, false) ? fopen(path, "r") : NULL;
    *c = (gp_accel_costs){0};
    if (!f) return false;
    const size_t n = fread(text, 1, sizeof text - 1, f);
    fclose(f);
    text[n] = 0;
    return strlen(text) == n && parse(text, c);
}

/* Under another name first, so that nobody reads half of it.  What cannot be written is measured again. */
void gp_accel_costs_write(const gp_accel_costs *c)
{
    char path[GP_ACCEL_PATH], part[GP_ACCEL_PATH + 16];
    gp_buf b = {0};
    if (!path_of(path, true)) return;
    gp_buf_addz(&b, first_line);
    for (int k = 0; k < LINES; k++) {
        const char *at = (const char *)c + line[k].at;
        double x;
        memcpy(&x, at, sizeof x);
        if (line[k].room) gp_buf_printf(&b, "%s %s\n", line[k].name, at);
        else gp_buf_printf(&b, "%s %.9g\n", line[k].name, x);
    }
    gp_buf_addz(&b, "end\n");
    snprintf(part, sizeof part, "%s.XXXXXX", path);
    const int fd = mkstemp(part);
    FILE *f = fd >= 0 ? fdopen(fd, "w") : NULL;
    if (f) {
        const bool good = fwrite(b.p, 1, b.n, f) == b.n;
        if ((fclose(f) != 0) | !good || rename(part, path) != 0) unlink(part);
    } else if (fd >= 0) {
        close(fd);
        unlink(part);
    }
    gp_buf_free(&b);
}
