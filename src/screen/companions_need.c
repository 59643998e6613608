/* What programs need beside the quotes. */
#include <string.h>
#include "screen/companions_in.h"
#include "screen/snapshot.h"

int gp_key_place(const gp_keys *k, const char *key)
{
    for (size_t i = 0; i < k->n; i++)
        if (strcmp(k->at[i], key) == 0) return (int)i;
    return -1;
}

static void want_key(gp_keys *k, const char *key)
{
    if (gp_key_place(k, key) < 0) gp_vec_push(k, key);
}

const gp_making gp_makings[GP_MAKINGS] = {
    {"capital", "capital", GP_FROM_FACT, 1},           {"capital", "finance.7", GP_FROM_FACT, 0.01},
    {"totalcapital", "totalcapital", GP_FROM_FACT, 1}, {"totalcapital", "finance.1", GP_FROM_FACT, 0.01},
    {"finance.1", "finance.1", GP_FROM_FACT, 1},       {"finance.1", "totalcapital", GP_FROM_FACT, 100},
    {"finance.7", "finance.7", GP_FROM_FACT, 1},       {"finance.7", "capital", GP_FROM_FACT, 100},
    {"finance.39", "finance.39", GP_FROM_FACT, 1},     {"finance.39", "finance.1", GP_FROM_CLOSE, 1},
    {"finance.39", "totalcapital", GP_FROM_CLOSE, 100}, {"finance.40", "finance.40", GP_FROM_FACT, 1},
    {"finance.40", "finance.7", GP_FROM_CLOSE, 1},     {"finance.40", "capital", GP_FROM_CLOSE, 100},
    {"finance.42", "finance.42", GP_FROM_FACT, 1},     {"finance.42", "listed", GP_FROM_DAYS, 1},
};

static void want_facts(gp_companions *c, const char *key)
{
    bool made = false;
    for (int i = 0; i < GP_MAKINGS; i++)
        if (strcmp(gp_makings[i].key, key) == 0) {
            want_key(&c->fact_keys, gp_makings[i].of);
            made = true;
        }
    if (!made) want_key(&c->fact_keys, key);
}

static const char *const index_columns[] = {"open", "high", "low", "close", "vol", "amount"};

int gp_index_column(const char *key)
{
    for (int i = 0; i < 6; i++)
        if (strcmp(index_columns[i], key) == 0) return i;
    return -1;
}

int gp_other_place(const gp_companions *c, const char *security)
{
    for (size_t i = 0; i < c->others.n; i++)
        if (gp_str_ieqz(gp_str_from(security), c->others.at[i].security)) return (int)i;
    return -1;
}

/* What follows "inblock." in a key, or NULL. */
const char *gp_key_after(const char *key, const char *head)
{
    const size_t n = strlen(head);
    return strncmp(key, head, n) == 0 ? key + n : NULL;
}

/* "1" of "series.1.0". */
const char *gp_series_id(gp_companions *c, const char *key)
{
    const char *id = gp_key_after(key, "series.");
    return gp_arena_strndup(&c->texts, id, strcspn(id, "."));
}


static void collect_program(gp_companions *c, const gp_external *x, int other)
{
    if (x->security) {
        other = gp_other_place(c, x->security);
        if (other < 0) {
            other = (int)c->others.n;
            gp_vec_push(&c->others, ((gp_other){.security = x->security}));
        }
    } else if (other < 0 && x->period != GP_PERIOD_SAME) {
        gp_vec_push(&c->quotes.periods, x->period);
        gp_vec_push(&c->quotes.period_of, x);
    }
    gp_companions_collect(c, x->program, other);
}

/* other: whose quotes the program runs on; -1 those of the scan. */
void gp_companions_collect(gp_companions *c, const gp_program *p, int other)
{
    int n;
    const gp_external *x = gp_program_externals(p, &n);
    unsigned need = gp_program_needs(p);
    for (int k = 0; k < n; k++) {
        switch (x[k].kind) {
        case GP_EXT_COLUMN: want_key(other < 0 ? &c->quotes.more : &c->others.at[other].more, x[k].key); break;
        case GP_EXT_INDEX:
            if (gp_index_column(x[k].key) >= 0)
                c->index_need |= 1u << gp_index_column(x[k].key);
            else
                want_key(&c->index_more, x[k].key);
            break;
        case GP_EXT_FUNDAMENTAL:
            if (gp_snapshot_key(x[k].key) >= 0) {
                need |= gp_snapshot_needs(gp_snapshot_key(x[k].key));
                if (gp_snapshot_capital(gp_snapshot_key(x[k].key))) want_facts(c, "capital");
            } else {
                want_facts(c, x[k].key);
            }
            break;
        case GP_EXT_BLOCK: c->wants_blocks = true; break;
        case GP_EXT_SERIES: want_key(&c->ids, gp_series_id(c, x[k].key)); break;
        case GP_EXT_EVENT:
            c->wants_events = true;
            if (gp_key_after(x[k].key, "divfactor.")) need |= GP_COL_CLOSE;
            break;
        case GP_EXT_CALENDAR: c->wants_calendar = true; break;
        case GP_EXT_NAME:
            if (gp_other_place(c, gp_key_after(x[k].key, "name.")) < 0) gp_vec_push(&c->others, ((gp_other){.security = gp_key_after(x[k].key, "name."), .numbered = true}));
            break;
        case GP_EXT_PROGRAM: collect_program(c, &x[k], other); break;
        }
    }
    *(other < 0 ? &c->quotes.need : &c->others.at[other].need) |= need;
}

/* The keys of a quote file's further columns are the rows of feed.def, so that no formula can ask for more than there is room for. */
enum {
#define GP_FEED(LETTER, KIND, KEY, TEXT, NEEDS) +(GP_EXT_##KIND == GP_EXT_COLUMN)
    N_COLUMN_FEEDS = 0
#include "builtins/feed.def"
#undef GP_FEED
    ,
#define GP_FEED(LETTER, KIND, KEY, TEXT, NEEDS) +(GP_EXT_##KIND == GP_EXT_INDEX)
    N_INDEX_FEEDS = 0
#include "builtins/feed.def"
#undef GP_FEED
};
_Static_assert((int)N_COLUMN_FEEDS <= (int)GP_MAX_MORE && (int)N_INDEX_FEEDS <= (int)GP_MAX_MORE, "feed.def has more columns of quotes than the reader takes");
