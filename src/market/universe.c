#define PCRE2_CODE_UNIT_WIDTH 8
#include "market/universe.h"
#include <ctype.h>
#include <pcre2.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/vec.h"
#include "market/blocks.h"
#include "market/board.h"
#include "market/codes.h"
#include "market/columns.h"
#include "market/path_code.h"

/* Why a security is left out; the first reason that holds counts. */
typedef enum {
#define GP_EXCLUDE(ID, ...) BY_##ID,
#include "market/exclude.def"
#undef GP_EXCLUDE
    EXCLUDES,
    BY_CODE = EXCLUDES, BY_LIST, BY_BLOCK, BY_AMONG,
    REASONS,
    KEPT = -1
} reason;
_Static_assert((int)BY_MAIN == (int)GP_BOARD_MAIN && (int)BY_BOND == (int)GP_BOARD_BOND, "the boards come first in exclude.def");

static const struct { const char *word, *chinese, *says; } excludes[EXCLUDES] = {
#define GP_EXCLUDE(ID, WORD, CHINESE, REASON, MEANS) {WORD, CHINESE, REASON},
#include "market/exclude.def"
#undef GP_EXCLUDE
};

enum { SHOWN = 5, MATCH_LIMIT = 100000 /* steps; a pattern that needs more for a code of 20 letters is a mistake */ };

typedef struct pattern {
    const char *text;
    pcre2_code *code;  /* NULL: a code as it is */
    gp_code_word word;
    int best;          /* how well the best security of the data fits the word */
} pattern;

typedef struct seen { char code[64], market[3]; } seen;

struct gp_universe {
    gp_universe_spec spec;
    GP_VEC(pattern) patterns;
    pcre2_match_context *limits;
    gp_codes listed;
    bool *found;       /* by number in listed */
    gp_blocks *blocks;
    int *block;        /* numbers of spec.blocks */
    unsigned exclude;  /* bit per reason */
    int new_bars;
    int32_t newest;    /* day of the data; 0: not looked for */
    pthread_mutex_t lock;
    size_t left[REASONS], kept, unnamed;
    GP_VEC(seen) seen;
};

/* ---- making it ---- */

static bool is_word(const char *z)
{
    if (strstr(z, "..")) return false;
    return z[strcspn(z, "^$*+?()[]{}|\\")] == 0;
}

static bool add_pattern(gp_universe *u, const char *text, gp_diags *d)
{
    pattern p = {.text = text};
    int error;
    PCRE2_SIZE at;
    if (is_word(text)) {
        p.word = gp_code_word_of(text, false);
    } else {
        p.code = pcre2_compile((PCRE2_SPTR)text, PCRE2_ZERO_TERMINATED, PCRE2_CASELESS | PCRE2_ANCHORED, &error, &at, NULL);
        if (!p.code) {
            char why[160];
            pcre2_get_error_message(error, (PCRE2_UCHAR *)why, sizeof why);
            gp_diag_file(d, GP_D_UNIVERSE_PATTERN, "<--code>", 1, (uint32_t)at + 1, why);
            return false;
        }
    }
    gp_vec_push(&u->patterns, p);
    return true;
}

static bool find_blocks(gp_universe *u, gp_diags *d)
{
    const gp_universe_spec *s = &u->spec;
    if (s->n_blocks == 0) return true;
    if (!s->blocks_dir) {
        gp_diag_file(d, GP_D_UNIVERSE_NO_BLOCKS, "<--block>", 0, 0);
        return false;
    }
    u->blocks = gp_blocks_read(s->blocks_dir, d);
    if (!u->blocks) return false;
    u->block = gp_xcalloc((size_t)s->n_blocks, sizeof *u->block);
    for (int i = 0; i < s->n_blocks; i++) {
        u->block[i] = gp_blocks_find(u->blocks, s->blocks[i]);
        if (u->block[i] >= 0) continue;
        gp_buf names = {0};
        gp_blocks_names(u->blocks, &names);
        gp_diag_file(d, GP_D_UNIVERSE_BLOCK, "<--block>", 0, 0, s->blocks[i], s->blocks_dir, names.p);
        gp_buf_free(&names);
        return false;
    }
    return true;
}

void gp_universe_words(gp_buf *out)
{
    for (int i = 0; i < EXCLUDES; i++) gp_buf_printf(out, "%s%s", i ? ", " : "", excludes[i].word);
}

/* "new:60" for the row "new:N": the number, -1 when it does not fit. */
static int with_number(gp_str word, const char *row)
{
    const size_t head = strcspn(row, ":") + 1;
    int n = 0;
    if (word.n <= head || word.n > head + 6 || !gp_str_ieq((gp_str){word.p, head}, (gp_str){row, head})) return -1;
    for (size_t i = head; i < word.n; i++) {
        if (!isdigit((unsigned char)word.p[i])) return -1;
        n = n * 10 + word.p[i] - '0';
    }
    return n;
}

static bool add_exclude(gp_universe *u, gp_str word, gp_diags *d)
{
    for (int i = 0; i < EXCLUDES; i++) {
        bool fits = gp_str_ieqz(word, excludes[i].word) || gp_str_ieqz(word, excludes[i].chinese);
        if (i == BY_NEW) {
            const int n = with_number(word, excludes[i].word), zh = with_number(word, excludes[i].chinese);
            fits = n > 0 || zh > 0;
            if (fits) u->new_bars = n > zh ? n : zh;
        }
        if (!fits) continue;
        u->exclude |= 1u << i;
        return true;
    }
    gp_buf words = {0}, shown = {0};
    gp_universe_words(&words);
    gp_buf_add(&shown, word.p, word.n < 60 ? word.n : 60);
    gp_diag_file(d, GP_D_UNIVERSE_WORD, "<--exclude>", 0, 0, shown.n ? shown.p : "", words.p);
    gp_buf_free(&words);
    gp_buf_free(&shown);
    return false;
}

static bool add_excludes(gp_universe *u, const char *list, gp_diags *d)
{
    for (const char *p = list;; p++) {
        gp_str word = {p, strcspn(p, ",")};
        p += word.n;
        while (word.n && *word.p == ' ') word.p++, word.n--;
        while (word.n && word.p[word.n - 1] == ' ') word.n--;
        if (!add_exclude(u, word, d)) return false;
        if (!*p) return true;
    }
}

gp_universe *gp_universe_new(const gp_universe_spec *spec, gp_diags *d)
{
    gp_universe *u = gp_xcalloc(1, sizeof *u);
    bool good = true;
    u->spec = *spec;
    pthread_mutex_init(&u->lock, NULL);
    u->limits = pcre2_match_context_create(NULL);
    if (u->limits) pcre2_set_match_limit(u->limits, MATCH_LIMIT);
    for (int i = 0; i < spec->n_codes; i++) good &= add_pattern(u, spec->codes[i], d);
    for (int i = 0; i < spec->n_lists; i++) good &= gp_codes_read(&u->listed, spec->lists[i], d);
    u->found = gp_xcalloc((size_t)u->listed.n + 1, sizeof *u->found);
    good &= find_blocks(u, d);
    for (int i = 0; i < spec->n_excludes; i++) good &= add_excludes(u, spec->excludes[i], d);
    if (good) return u;
    gp_universe_free(u);
    return NULL;
}

void gp_universe_free(gp_universe *u)
{
    if (!u) return;
    for (size_t i = 0; i < u->patterns.n; i++) pcre2_code_free(u->patterns.at[i].code);
    pcre2_match_context_free(u->limits);
    pthread_mutex_destroy(&u->lock);
    gp_vec_free(&u->patterns);
    gp_vec_free(&u->seen);
    gp_codes_fini(&u->listed);
    gp_blocks_free(u->blocks);
    free(u->block);
    free(u->found);
    free(u);
}

/* ---- one security ---- */

static bool matches(const gp_universe *u, const pattern *p, const char *code, const char *market)
{
    char forms[3][80];
    bool good = false;
    pcre2_match_data *match = pcre2_match_data_create(1, NULL);
    snprintf(forms[0], sizeof forms[0], "%s", code);
    snprintf(forms[1], sizeof forms[1], "%s%s", market, code);
    snprintf(forms[2], sizeof forms[2], "%s.%s", code, market);
    for (int i = 0; match && i < 3 && !good; i++)
        good = (i == 0 || *market) && pcre2_match(p->code, (PCRE2_SPTR)forms[i], strlen(forms[i]), 0, 0, match, u->limits) >= 0;
    pcre2_match_data_free(match);
    return good;
}

static bool wanted(const gp_universe *u, const char *code, const char *market)
{
    for (size_t i = 0; i < u->patterns.n; i++) {
        const pattern *p = &u->patterns.at[i];
        if (p->code ? matches(u, p, code, market) : gp_code_fits(&p->word, code, market) > (p->best == 2)) return true;
    }
    return u->patterns.n == 0;
}

/* A word that means another market than the usual one only where the usual one is not among the data. */
static void note_fits(gp_universe *u, const char *code, const char *market)
{
    for (size_t i = 0; i < u->patterns.n; i++) {
        pattern *p = &u->patterns.at[i];
        const int fit = p->code ? matches(u, p, code, market) : gp_code_fits(&p->word, code, market);
        if (fit > p->best) p->best = fit;
    }
}

static bool in_blocks(const gp_universe *u, const char *code, const char *market)
{
    const gp_bars b = {.code = (char *)(uintptr_t)code, .market = (char *)(uintptr_t)market};
    for (int i = 0; i < u->spec.n_blocks; i++)
        if (gp_blocks_holds(u->blocks, u->block[i], &b)) return true;
    return u->spec.n_blocks == 0;
}

/* What the code alone tells. */
static reason by_code(gp_universe *u, const char *code, const char *market)
{
    if (u->spec.n_lists) {
        const int at = gp_codes_find(&u->listed, code, market);
        if (at >= 0) __atomic_store_n(&u->found[at], true, __ATOMIC_RELAXED);
        if (at < 0) return BY_LIST;
    }
    if (!wanted(u, code, market)) return BY_CODE;
    if (!in_blocks(u, code, market)) return BY_BLOCK;
    const gp_board board = gp_board_of(code, market);
    return board != GP_BOARD_NONE && (u->exclude >> board & 1) ? (reason)board : KEPT;
}

static bool is_st(const char *name)
{
    static const char gone[] = "\xE9\x80\x80"; /* 退 */
    const char *at = strstr(name, "ST");
    for (; at; at = strstr(at + 1, "ST"))
        if (!isalpha((unsigned char)at[2]) && (at == name || at[-1] == '*' || (at[-1] == 'S' && at == name + 1) || (unsigned char)at[-1] >= 128)) return true;
    return strstr(name, gone) != NULL;
}

static int bars_until(const gp_bars *b, int32_t day)
{
    int n = b->n;
    while (day && n > 0 && b->date[n - 1] > day) n--;
    return n;
}

static bool is_suspended(const gp_universe *u, const gp_bars *b, int n)
{
    double sum = 0;
    if (n == 0 || b->date[n - 1] < u->newest) return true;
    if (!b->vol || gp_board_of(b->code, b->market) == GP_BOARD_INDEX) return false;
    for (int i = n - 1; i >= 0 && b->date[i] == b->date[n - 1]; i--) /* of minutes the whole day */
        if (!(b->vol[i] != b->vol[i])) sum += b->vol[i];
    return sum <= 0;
}

static reason judge(gp_universe *u, const gp_bars *b, bool *unnamed)
{
    const reason r = by_code(u, b->code, b->market);
    const int n = bars_until(b, u->spec.asof);
    if (r != KEPT) return r;
    if (u->exclude >> BY_ST & 1) {
        if (is_st(b->name)) return BY_ST;
        *unnamed = !*b->name;
    }
    if ((u->exclude >> BY_NEW & 1) && n + b->before < u->new_bars) return BY_NEW; /* the first bars may be left unread */
    if ((u->exclude >> BY_SUSPENDED & 1) && is_suspended(u, b, n)) return BY_SUSPENDED;
    if (u->spec.among && n > 0 && !u->spec.among(u->spec.ctx, b, n)) return BY_AMONG;
    return KEPT;
}

/* ---- inputs ---- */

static void count(gp_universe *u, reason r, const char *code, const char *market, bool unnamed)
{
    seen s;
    snprintf(s.code, sizeof s.code, "%s", code);
    snprintf(s.market, sizeof s.market, "%s", market);
    gp_vec_push(&u->seen, s);
    u->unnamed += unnamed;
    if (r == KEPT)
        u->kept++;
    else
        u->left[r]++;
}

/* Reads input i and tells of each ticker its code and last day. */
static void survey(gp_universe *u, const gp_inputs *in, const gp_input *i)
{
    const gp_read_opts o = {.want = GP_COL_CLOSE};
    gp_read_result r = {0};
    gp_diags unheard = {0}; /* said when it is read for its use */
    if (gp_read_any(in, i, &o, &r, &unheard))
        for (int k = 0; k < r.n; k++) {
            const int n = bars_until(&r.at[k], u->spec.asof);
            note_fits(u, r.at[k].code, r.at[k].market);
            if (n > 0 && r.at[k].date[n - 1] > u->newest) u->newest = r.at[k].date[n - 1];
        }
    gp_read_result_fini(&r);
    gp_diags_fini(&unheard);
}

static bool is_stdin(const gp_input *i) { return strcmp(i->path, "-") == 0; }

/* Which inputs must be looked through before the first is used. */
static bool look_through(gp_universe *u, const gp_inputs *in, size_t first, const bool *known, gp_diags *d)
{
    const bool all = u->exclude >> BY_SUSPENDED & 1;
    bool some = false; /* a bare code that no file's name settles */
    for (size_t i = 0; i < u->patterns.n; i++)
        some |= !u->patterns.at[i].code && !u->patterns.at[i].word.sure && u->patterns.at[i].best < 2;
    for (size_t i = first; i < in->n && (all || some); i++) {
        if (!all && known[i - first]) continue;
        if (!is_stdin(&in->at[i])) {
            survey(u, in, &in->at[i]);
        } else if (all) {
            gp_diag_file(d, GP_D_UNIVERSE_STDIN, "-", 0, 0, "--exclude suspended");
            return false;
        }
    }
    return true;
}

static bool asks_codes(const gp_universe *u)
{
    return u->patterns.n || u->spec.n_lists || u->spec.n_blocks || (u->exclude & ((1u << GP_BOARDS) - 1));
}

bool gp_universe_narrow(gp_universe *u, gp_inputs *in, size_t first, gp_diags *d)
{
    const size_t n = in->n - first;
    bool *known = gp_xcalloc(n + 1, sizeof *known), good;
    seen *code = gp_xcalloc(n + 1, sizeof *code);
    for (size_t i = 0; i < n && asks_codes(u); i++) {
        known[i] = gp_path_tells_code(&in->at[first + i], code[i].code, sizeof code[i].code, code[i].market);
        if (known[i]) note_fits(u, code[i].code, code[i].market);
    }
    good = look_through(u, in, first, known, d);
    size_t kept = first;
    for (size_t i = 0; i < n; i++) {
        const gp_input one = in->at[first + i];
        const reason r = known[i] ? by_code(u, code[i].code, code[i].market) : KEPT;
        if (r == KEPT) {
            in->at[kept++] = one;
            continue;
        }
        count(u, r, code[i].code, code[i].market, false);
        in->aside = gp_xrealloc(in->aside, (in->n_aside + 1) * sizeof *in->aside);
        in->aside[in->n_aside++] = one;
    }
    in->n = kept;
    free(in->judged);
    in->judged = gp_xcalloc(in->n + 1, sizeof *in->judged);
    free(known);
    free(code);
    return good;
}

void gp_universe_read_opts(const gp_universe *u, gp_read_opts *o)
{
    if (u->spec.among) o->tail = 0; /* it may look at any bar */
    o->need |= u->spec.need;
    if (o->want) o->want |= u->spec.need | (u->exclude >> BY_SUSPENDED & 1 ? GP_COL_VOL : 0);
}

void gp_universe_filter(gp_universe *u, const gp_inputs *in, size_t k, gp_read_result *r)
{
    const bool again = in->judged[k];
    int n = 0;
    if (u->patterns.n) {
        pthread_mutex_lock(&u->lock);
        for (int i = 0; i < r->n; i++) note_fits(u, r->at[i].code, r->at[i].market);
        pthread_mutex_unlock(&u->lock);
    }
    for (int i = 0; i < r->n; i++) {
        bool unnamed = false;
        const reason why = judge(u, &r->at[i], &unnamed);
        if (!again) {
            pthread_mutex_lock(&u->lock);
            count(u, why, r->at[i].code, r->at[i].market, unnamed);
            pthread_mutex_unlock(&u->lock);
        }
        if (why == KEPT)
            r->at[n++] = r->at[i];
        else
            gp_bars_fini(&r->at[i]);
    }
    r->n = n;
    in->judged[k] = true;
}

void gp_universe_meet(gp_universe *u, const char *code, const char *market, int32_t last)
{
    note_fits(u, code, market);
    if (last > u->newest) u->newest = last;
}

bool gp_universe_needs_bars(const gp_universe *u)
{
    return u->spec.among || (u->exclude >> BY_SUSPENDED & 1);
}

bool gp_universe_takes(gp_universe *u, const gp_bars *b)
{
    bool unnamed = false;
    const reason why = judge(u, b, &unnamed);
    count(u, why, b->code, b->market, unnamed);
    return why == KEPT;
}

/* ---- what is said ---- */

bool gp_universe_empty(const gp_universe *u)
{
    return u->kept == 0 && u->seen.n > 0;
}

static size_t left_out(const gp_universe *u)
{
    size_t n = 0;
    for (int i = 0; i < REASONS; i++) n += u->left[i];
    return n;
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static void say_names(gp_buf *out, const char *const *names, int n, bool files)
{
    for (int i = 0; i < n && i < 3; i++) gp_buf_printf(out, "%s%s", i ? ", " : "", files ? base_name(names[i]) : names[i]);
    if (n > 3) gp_buf_addz(out, ", ...");
}

/* "3 not in hs300.txt, 2 ST" */
static void say_reasons(const gp_universe *u, gp_buf *out)
{
    static const reason order[] = {BY_LIST, BY_CODE, BY_BLOCK};
    const gp_universe_spec *s = &u->spec;
    const size_t start = out->n;
    for (int k = 0; k < REASONS; k++) {
        const reason r = k < 3 ? order[k] : k == REASONS - 1 ? BY_AMONG : (reason)(k - 3);
        if (u->left[r] == 0) continue;
        gp_buf_printf(out, "%s%zu ", out->n > start ? ", " : "", u->left[r]);
        if (r == BY_LIST)
            gp_buf_addz(out, "not in "), say_names(out, s->lists, s->n_lists, true);
        else if (r == BY_CODE)
            gp_buf_addz(out, "not --code "), say_names(out, s->codes, s->n_codes, false);
        else if (r == BY_BLOCK)
            gp_buf_addz(out, "not in the block "), say_names(out, s->blocks, s->n_blocks, false);
        else if (r == BY_AMONG)
            gp_buf_addz(out, "for which --among does not hold");
        else if (r == BY_NEW)
            gp_buf_printf(out, "with fewer than %d bars", u->new_bars);
        else
            gp_buf_addz(out, excludes[r].says);
    }
}

static void say_code(gp_buf *out, const char *code, const char *market)
{
    gp_buf_printf(out, "%s%s%s", code, *market ? "." : "", market);
}

/* Codes that were asked for and are not among the data: a count and the first few. */
static size_t missing(const gp_universe *u, gp_buf *names)
{
    size_t n = 0;
    for (size_t i = 0; i < u->patterns.n; i++) {
        if (u->patterns.at[i].best || u->patterns.at[i].code) continue;
        if (n++ < SHOWN) gp_buf_printf(names, "%s%s", n > 1 ? ", " : "", u->patterns.at[i].text);
    }
    for (uint32_t i = 0; i < u->listed.n; i++) {
        if (u->found[i]) continue;
        if (n++ >= SHOWN) continue;
        gp_buf_addz(names, n > 1 ? ", " : "");
        say_code(names, u->listed.at[i].code, u->listed.at[i].market);
    }
    if (n > SHOWN) gp_buf_addz(names, ", ...");
    return n;
}

/* The codes of the data that are most like the word. */
static void nearest(const gp_universe *u, const char *word, gp_buf *out)
{
    enum { MOST = 3 };
    size_t at[MOST], distance[MOST], n = 0;
    for (size_t i = 0; i < u->seen.n; i++) {
        size_t d = gp_str_edit_distance(gp_str_from(word), gp_str_from(u->seen.at[i].code)), k = n < MOST ? n++ : MOST - 1;
        if (k == MOST - 1 && n == MOST && i >= MOST && distance[k] <= d) continue;
        for (; k > 0 && distance[k - 1] > d; k--) at[k] = at[k - 1], distance[k] = distance[k - 1];
        at[k] = i;
        distance[k] = d;
    }
    for (size_t k = 0; k < n; k++) {
        gp_buf_addz(out, k ? ", " : "");
        say_code(out, u->seen.at[at[k]].code, u->seen.at[at[k]].market);
    }
}

void gp_universe_why_empty(const gp_universe *u, gp_buf *out)
{
    const char *word = NULL;
    for (size_t i = 0; i < u->patterns.n && !word; i++)
        if (!u->patterns.at[i].best) word = u->patterns.at[i].code ? u->seen.at[0].code : u->patterns.at[i].word.code;
    for (uint32_t i = 0; i < u->listed.n && !word; i++)
        if (!u->found[i]) word = u->listed.at[i].code;
    gp_buf_printf(out, "of %zu: ", u->seen.n);
    say_reasons(u, out);
    if (!word) return;
    gp_buf_addz(out, "; nearest: ");
    nearest(u, word, out);
}

void gp_universe_notes(const gp_universe *u, gp_buf *out)
{
    gp_buf names = {0};
    bool named = u->left[BY_CODE] == left_out(u); /* every code as it is, and nothing else asked for: the result names them */
    for (size_t i = 0; i < u->patterns.n; i++) named &= !u->patterns.at[i].code;
    if (left_out(u) && !named && u->kept) {
        gp_buf_printf(out, "%zu of %zu securities take part; left out: ", u->kept, u->seen.n);
        say_reasons(u, out);
        gp_buf_addc(out, '\n');
    }
    const size_t absent = missing(u, &names);
    if (absent && u->kept)
        gp_buf_printf(out, "%zu of the codes asked for %s not among the data: %s\n", absent, absent == 1 ? "is" : "are", names.p);
    gp_buf_free(&names);
    if (u->unnamed)
        gp_buf_printf(out, "whether they are ST cannot be told of %zu securities: their quotes have no name\n", u->unnamed);
    for (size_t i = 0; i < u->patterns.n; i++) {
        const pattern *p = &u->patterns.at[i];
        if (!p->code && p->best == 1) gp_buf_printf(out, "--code %s: the data have it of another market than %s\n", p->text, p->word.market);
    }
}

void gp_universe_json(const gp_universe *u, gp_buf *out)
{
    static const char *const words[] = {"code", "universe", "block", "among"};
    bool any = false;
    gp_buf_printf(out, "{\"seen\":%zu,\"kept\":%zu,\"left_out\":{", u->seen.n, u->kept);
    for (int r = 0; r < REASONS; r++) {
        const char *word = r < EXCLUDES ? excludes[r].word : words[r - EXCLUDES];
        if (!u->left[r]) continue;
        gp_buf_printf(out, "%s\"%.*s\":%zu", any ? "," : "", (int)strcspn(word, ":"), word, u->left[r]);
        any = true;
    }
    gp_buf_addz(out, "}}");
}
