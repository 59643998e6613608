/* What a universe left out and why, for people and programs. */
#include "market/universe_in.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
            gp_buf_addz(out, gp_excludes[r].says);
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

void gp_universe_of_last_day(const gp_universe *u, gp_buf *out)
{
    static const reason order[] = {BY_AMONG, BY_LIST, BY_BLOCK, BY_ST, BY_NEW, BY_SUSPENDED};
    static const char *const options[] = {"--among", "--universe", "--block", "--exclude st", "--exclude new", "--exclude suspended"};
    size_t n = 0, said = 0;
    for (size_t i = 0; i < sizeof order / sizeof *order; i++) n += u->left[order[i]] > 0;
    for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
        if (u->left[order[i]] == 0) continue;
        gp_buf_printf(out, "%s%s", said == 0 ? "" : said + 1 == n ? " and " : ", ", options[i]);
        said++;
    }
}

void gp_universe_json(const gp_universe *u, gp_buf *out)
{
    static const char *const words[] = {"code", "universe", "block", "among"};
    bool any = false;
    gp_buf_printf(out, "{\"seen\":%zu,\"kept\":%zu,\"left_out\":{", u->seen.n, u->kept);
    for (int r = 0; r < REASONS; r++) {
        const char *word = r < EXCLUDES ? gp_excludes[r].word : words[r - EXCLUDES];
        if (!u->left[r]) continue;
        gp_buf_printf(out, "%s\"%.*s\":%zu", any ? "," : "", (int)strcspn(word, ":"), word, u->left[r]);
        any = true;
    }
    gp_buf_addz(out, "}}");
}
