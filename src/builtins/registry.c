/* The registry: every row of the families as data, names and aliases in a hash table, signatures taken apart once. */
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include "builtins/builtin.h"

/* clang-format off */
#define GP_ROW(ID, NAME, AL, TIER, CAT, SHAPE, SIG, IN, LOOK, FUT, FLAGS, NIN, NSTATE, NEEDS, EN, ZH, RULE, EX, WANT)\
    { .id = GP_B_##ID, .name = NAME, .aliases = AL, .tier = GP_TIER_##TIER, .category = GP_CAT_##CAT, \
      .shape = GP_SHAPE_##SHAPE, .signature = SIG, .inputs = IN, .look = GP_LOOK_##LOOK, .future = GP_FUTURE_##FUT, \
      .flags = FLAGS, .n_in = NIN, .n_state = NSTATE, .needs = NEEDS, .en = EN, .zh = ZH, .rule = RULE, .example = EX, \
      .expect = WANT },
#define GP_MAP(ID, NAME, AL, T, C, S, IN, L, F, FL, NIN, EN, ZH, R, EX, W) \
    GP_ROW(ID, NAME, AL, T, C, MAP, S, IN, L, F, FL, NIN, 0, "", EN, ZH, R, EX, W)
#define GP_SCAN(ID, NAME, AL, T, C, S, IN, L, F, FL, NIN, NST, EN, ZH, R, EX, W) \
    GP_ROW(ID, NAME, AL, T, C, SCAN, S, IN, L, F, FL, NIN, NST, "", EN, ZH, R, EX, W)
#define GP_WINDOW(ID, NAME, AL, T, C, S, IN, L, F, FL, NIN, NST, EN, ZH, R, EX, W) \
    GP_ROW(ID, NAME, AL, T, C, WINDOW, S, IN, L, F, FL, NIN, NST, "", EN, ZH, R, EX, W)
#define GP_MOMENTS(ID, NAME, AL, T, C, S, IN, L, F, FL, NIN, NST, EN, ZH, R, EX, W) \
    GP_ROW(ID, NAME, AL, T, C, MOMENTS, S, IN, L, F, FL, NIN, NST, "", EN, ZH, R, EX, W)
#define GP_HISTORY(ID, NAME, AL, T, C, S, IN, L, F, FL, NIN, EN, ZH, R, EX, W) \
    GP_ROW(ID, NAME, AL, T, C, HISTORY, S, IN, L, F, FL, NIN, 0, "", EN, ZH, R, EX, W)
#define GP_WHOLE(ID, NAME, AL, T, C, S, IN, L, F, FL, NIN, EN, ZH, R, EX, W) \
    GP_ROW(ID, NAME, AL, T, C, WHOLE, S, IN, L, F, FL, NIN, 0, "", EN, ZH, R, EX, W)
#define GP_OTHER(ID, NAME, AL, T, C, SH, S, IN, L, F, FL, NIN, NEEDS, EN, ZH, R, EX, W) \
    GP_ROW(ID, NAME, AL, T, C, SH, S, IN, L, F, FL, NIN, 0, NEEDS, EN, ZH, R, EX, W)
/* clang-format on */

static gp_builtin rows[] = {
#include "builtins/all.def"
};
#undef GP_ROW
enum { N_ROWS = sizeof rows / sizeof rows[0], N_SLOTS = 2048, N_NAMES = 1024, POOL = 4096 };

/* Names as NUL-terminated text: a row's own name, or an alias copied out of the row's list. */
typedef struct entry {
    const char *name;
    gp_builtin *row;
} entry;
static entry names[N_NAMES];
static int n_names;
static short slots[N_SLOTS]; /* 1 + index into names; 0 is empty */
static char pool[POOL];
static size_t pool_used;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static const gp_feed_row feeds[] = {
#define GP_FEED(LETTER, KIND, KEY, TEXT, NEEDS) { LETTER, GP_FEED_##KIND, KEY, TEXT, NEEDS },
#include "builtins/feed.def"
#undef GP_FEED
};

const gp_feed_row *gp_feed_row_of(char letter)
{
    for (size_t i = 0; i < sizeof feeds / sizeof *feeds; i++)
        if (feeds[i].letter == letter) return &feeds[i];
    return NULL;
}

static gp_arg_type type_of(char c)
{
    return c == 'c' || c == 'n' || c == 'k' || c == 'f' || c == 't' || c == 'r' ? (gp_arg_type)c : GP_ARG_SERIES;
}

/* "X,N:n,P?", "A,B..." and "P,C:c,D?:r...2"; the form is fixed by the rows, so there is nothing to report. */
static void parse_signature(gp_builtin *b)
{
    const char *p = b->signature;
    while (*p && b->n_args < GP_MAX_ARGS) {
        size_t n = strcspn(p, ",");
        gp_str word = {p, n};
        gp_arg_type type = GP_ARG_SERIES;
        bool optional = false;
        if (word.n > 4 && memcmp(word.p + word.n - 4, "...", 3) == 0) {
            b->n_repeat = word.p[word.n - 1] - '0';
            word.n -= 4;
        } else if (word.n > 3 && memcmp(word.p + word.n - 3, "...", 3) == 0) {
            b->n_repeat = 1;
            word.n -= 3;
        }
        if (word.n > 2 && word.p[word.n - 2] == ':') {
            type = type_of(word.p[word.n - 1]);
            word.n -= 2;
        }
        if (word.n > 1 && word.p[word.n - 1] == '?') {
            optional = true;
            word.n--;
        }
        b->args[b->n_args++] = (gp_arg){word, type};
        if (!optional) b->min_args = b->n_args;
        p += n;
        if (*p == ',') p++;
    }
    b->max_args = b->n_repeat ? GP_MAX_ARGS : b->n_args;
}

const gp_arg *gp_builtin_arg(const gp_builtin *b, int i)
{
    if (i < b->n_args) return &b->args[i];
    if (b->n_args == 0) return NULL;
    const int r = b->n_repeat ? b->n_repeat : 1;
    return &b->args[b->n_args - r + (i - b->n_args) % r];
}

static void add_name(const char *name, gp_builtin *row)
{
    if (n_names == N_NAMES) return;
    unsigned at = (unsigned)gp_str_ihash(gp_str_from(name)) & (N_SLOTS - 1);
    while (slots[at]) at = (at + 1) & (N_SLOTS - 1);
    names[n_names] = (entry){name, row};
    slots[at] = (short)++n_names;
}

/* The weakest word of "(known; the latter likely)" and the like.  Parentheses count that begin with such a word and end a clause: the
 * same words elsewhere are prose. */
static gp_certainty certainty_of(const char *rule)
{
    static const char *const words[] = {[GP_CERTAIN_KNOWN] = "known", [GP_CERTAIN_LIKELY] = "likely", [GP_CERTAIN_UNVERIFIED] = "unverified"};
    gp_certainty weakest = GP_CERTAIN_UNDISPUTED;
    for (const char *p = strchr(rule, '('); p; p = strchr(p + 1, '(')) {
        const char *end = p + 1 + strcspn(p + 1, "()");
        bool ours = false;
        if (*end != ')' || (end[1] && !strchr(";,", end[1]))) continue;
        for (int k = GP_CERTAIN_KNOWN; k <= GP_CERTAIN_UNVERIFIED; k++) ours |= strncmp(p + 1, words[k], strlen(words[k])) == 0;
        for (int k = GP_CERTAIN_KNOWN; ours && k <= GP_CERTAIN_UNVERIFIED; k++) {
            const char *at = strstr(p, words[k]);
            if (at && at < end && (gp_certainty)k > weakest) weakest = (gp_certainty)k;
        }
    }
    return weakest;
}

static void start(void)
{
    for (int i = 0; i < N_ROWS; i++) {
        gp_builtin *b = &rows[i];
        parse_signature(b);
        b->certainty = certainty_of(b->rule);
        add_name(b->name, b);
        for (const char *p = b->aliases; *p;) {
            size_t n = strcspn(p, " ");
            if (n && pool_used + n + 1 <= POOL) {
                memcpy(pool + pool_used, p, n);
                add_name(pool + pool_used, b);
                pool_used += n + 1;
            }
            p += n;
            while (*p == ' ') p++;
        }
    }
}

const gp_builtin *gp_builtin_find(gp_str name)
{
    pthread_once(&once, start);
    unsigned at = (unsigned)gp_str_ihash(name) & (N_SLOTS - 1);
    for (; slots[at]; at = (at + 1) & (N_SLOTS - 1))
        if (gp_str_ieqz(name, names[slots[at] - 1].name)) return names[slots[at] - 1].row;
    return NULL;
}

const gp_builtin *gp_builtin_get(gp_builtin_id id)
{
    pthread_once(&once, start);
    return id > GP_B_NONE && id < GP_B_COUNT ? &rows[id - 1] : NULL;
}

const gp_builtin *gp_builtin_all(int *n)
{
    pthread_once(&once, start);
    *n = N_ROWS;
    return rows;
}

static bool callable(const gp_builtin *b)
{
    return b->tier != GP_TIER_OPERATOR && b->shape != GP_SHAPE_NONE && !(b->flags & GP_ROW_INTERNAL);
}

int gp_builtin_similar(gp_str name, const char **out, int max)
{
    pthread_once(&once, start);
    size_t letters = 0;
    for (size_t i = 0; i < name.n; i++) letters += (name.p[i] & 0xC0) != 0x80;
    size_t limit = letters <= 4 ? 1 : 2;
    int n = 0;
    for (size_t d = 0; d <= limit && n < max; d++)
        for (int tier = GP_TIER_A; tier <= GP_TIER_D && n < max; tier++)
            for (int i = 0; i < n_names && n < max; i++) {
                const entry *e = &names[i];
                size_t len = strlen(e->name);
                size_t apart = len > name.n ? len - name.n : name.n - len;
                if (!callable(e->row) || (int)e->row->tier != tier) continue;
                /* Every code point is at least a byte: names far apart in length need no matrix.  One letter is
                 * close to every other letter: not a hint. */
                if (apart > 3 * limit || len < 2 || letters < 2) continue;
                if (gp_str_edit_distance(name, gp_str_from(e->name)) == d) out[n++] = e->name;
            }
    return n;
}

typedef struct way_out { gp_builtin_id id; const char *en, *zh; } way_out;

const char *gp_builtin_way_out(const gp_builtin *b, bool chinese)
{
    static const way_out ways[] = {
#define GP_WAY_OUT(ID, EN, ZH) {GP_B_##ID, EN, ZH},
#include "builtins/way_out.def"
#undef GP_WAY_OUT
    };
    for (size_t i = 0; b && i < sizeof ways / sizeof *ways; i++)
        if (ways[i].id == b->id) return chinese ? ways[i].zh : ways[i].en;
    return NULL;
}

void gp_builtin_usage(const gp_builtin *b, gp_buf *out)
{
    pthread_once(&once, start);
    if (b->tier == GP_TIER_OPERATOR && b->n_args == 2 && !(b->flags & GP_ROW_INTERNAL)) {
        gp_buf_printf(out, GP_STR_FMT " %s " GP_STR_FMT, GP_STR_ARG(b->args[0].name), b->name,
                      GP_STR_ARG(b->args[1].name));
        return;
    }
    gp_buf_addz(out, b->name);
    if (b->n_args == 0) return;
    int closing = 0;
    gp_buf_addc(out, '(');
    for (int i = 0; i < b->n_args; i++) {
        if (i >= b->min_args) {
            gp_buf_addc(out, '[');
            closing++;
        }
        if (i) gp_buf_addc(out, ',');
        gp_buf_add(out, b->args[i].name.p, b->args[i].name.n);
    }
    if (b->max_args > b->n_args) gp_buf_addz(out, ",...");
    while (closing--) gp_buf_addc(out, ']');
    gp_buf_addc(out, ')');
}

static const gp_argument arguments[] = {
#define GP_ARGUMENT(FN, ARG, MIN, MAX, CHOICES, EN, ZH) {GP_B_##FN, #ARG, MIN, MAX, CHOICES, EN, ZH},
#include "builtins/argument.def"
#undef GP_ARGUMENT
};

const gp_argument *gp_argument_find(const gp_builtin *b, gp_str arg)
{
    for (size_t i = 0; i < sizeof arguments / sizeof *arguments; i++)
        if (arguments[i].fn == b->id && gp_str_ieqz(arg, arguments[i].arg)) return &arguments[i];
    return NULL;
}

bool gp_argument_allows(const gp_argument *a, double value)
{
    if (!(value >= a->min && value <= a->max)) return false;
    const bool whole = value == trunc(value);
    if (*a->choices < '-' || *a->choices > '9') return whole || !*a->choices;
    for (const char *p = a->choices; *p; p += strcspn(p, " "), p += *p == ' ')
        if ((double)strtol(p, NULL, 10) == value) return true;
    return false;
}

const char *gp_category_name(gp_category c, bool chinese)
{
    static const char *const text[][2] = {
#define GP_CATEGORY(id, en, zh) {en, zh},
#include "builtins/category.def"
#undef GP_CATEGORY
    };
    return (unsigned)c < GP_CAT_COUNT ? text[c][chinese] : "";
}

const char *gp_tier_name(gp_tier t)
{
    static const char *const text[] = {"A", "B", "C", "D", "operator"};
    return (unsigned)t < sizeof text / sizeof text[0] ? text[t] : "";
}

const char *gp_shape_name(gp_shape s)
{
    static const char *const text[] = {"load",    "map",   "scan", "delay", "window", "moments",
                                       "history", "whole", "draw", "text",  "feed", "control", "none"};
    return (unsigned)s < sizeof text / sizeof text[0] ? text[s] : "";
}

const char *gp_certainty_name(gp_certainty c)
{
    static const char *const text[] = {"", "known", "likely", "unverified"};
    return (unsigned)c < sizeof text / sizeof text[0] ? text[c] : "";
}

void gp_builtin_needs(const gp_builtin *b, gp_buf *out)
{
    const size_t start_n = out->n;
    if (b->needs && *b->needs) gp_buf_addz(out, b->needs);
    for (const char *p = b->inputs; *p; p++) {
        const gp_feed_row *feed = gp_feed_row_of(*p);
        if (!feed || (out->n > start_n && strstr(out->p + start_n, feed->needs))) continue;
        gp_buf_printf(out, "%s%s", out->n > start_n ? "; " : "", feed->needs);
    }
}
