/* Which securities a command looks at: made of the options, asked for each input and each security. */
#include "market/universe_in.h"
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "market/board.h"
#include "market/columns.h"
#include "market/path_code.h"

const exclude gp_excludes[EXCLUDES] = {
#define GP_EXCLUDE(ID, WORD, CHINESE, REASON, MEANS) {WORD, CHINESE, REASON},
#include "market/exclude.def"
#undef GP_EXCLUDE
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
    for (int i = 0; i < EXCLUDES; i++) gp_buf_printf(out, "%s%s", i ? ", " : "", gp_excludes[i].word);
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
        bool fits = gp_str_ieqz(word, gp_excludes[i].word) || gp_str_ieqz(word, gp_excludes[i].chinese);
        if (i == BY_NEW) {
            const int n = with_number(word, gp_excludes[i].word), zh = with_number(word, gp_excludes[i].chinese);
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
    if (u->spec.among && (n == 0 || !u->spec.among(u->spec.ctx, b, n))) return BY_AMONG;
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
