#include "market/store_merge.h"
#include <math.h>
#include <string.h>
#include "base/vec.h"
#include "market/columns.h"
#include "market/resample.h"

int64_t gp_bar_stamp(const gp_bars *b, int i)
{
    return (int64_t)b->date[i] * 1000000 + (b->time ? b->time[i] : 0);
}

static bool same(double a, double b) { return memcmp(&a, &b, sizeof a) == 0 || (isnan(a) && isnan(b)); }

double **gp_bar_column(gp_bars *b, int c)
{
    double **const all[] = {&b->open, &b->high, &b->low, &b->close, &b->vol, &b->amount};
    return all[c];
}

static int key_of(const char *const *keys, int n, const char *key)
{
    for (int i = 0; i < n; i++)
        if (strcmp(keys[i], key) == 0) return i;
    return -1;
}

/* Row i of `new` over row k of `old` (-1: no such row), into row `to`; does it differ from the old row? */
static bool put_row(gp_merged *m, int to, gp_bars *old, int k, const char *const *old_keys, gp_bars *new, int i, const char *const *new_keys)
{
    bool differs = false;
    for (int c = 0; c < 6; c++) {
        double *const out = *gp_bar_column(&m->bars, c);
        if (!out) continue;
        const double *const was = *gp_bar_column(old, c), *const is = *gp_bar_column(new, c);
        const double a = k >= 0 && was ? was[k] : NAN;
        out[to] = i >= 0 && is ? is[i] : a;
        differs |= i >= 0 && k >= 0 && !same(out[to], a);
    }
    for (int x = 0; x < m->bars.n_more; x++) {
        const int o = key_of(old_keys, old->n_more, m->keys[x]), n = key_of(new_keys, new->n_more, m->keys[x]);
        const double a = k >= 0 && o >= 0 ? old->more[o][k] : NAN;
        m->bars.more[x][to] = i >= 0 && n >= 0 ? new->more[n][i] : a;
        differs |= i >= 0 && k >= 0 && !same(m->bars.more[x][to], a);
    }
    return differs;
}

/* Do row k of `old` and row i of `new` stand for the same week (month, quarter, year) though not for the same day? */
static bool same_span(gp_buckets *bucket, const gp_bars *old, int k, const gp_bars *new, int i)
{
    if (bucket->period < GP_PERIOD_WEEK || k >= old->n || i >= new->n || old->date[k] == new->date[i]) return false;
    return gp_bucket_of(bucket, old->date[k], -1) == gp_bucket_of(bucket, new->date[i], -1);
}

void gp_store_merge(gp_merged *m, gp_bars *old, const char *const *old_keys, gp_bars *new, const char *const *new_keys)
{
    unsigned bits = 0;
    int n_more = 0, rows = 0;

    for (int c = 0; c < 6; c++)
        if (*gp_bar_column(old, c) || *gp_bar_column(new, c)) bits |= 1u << c;
    for (int x = 0; x < old->n_more; x++) m->keys[n_more++] = old_keys[x];
    for (int x = 0; x < new->n_more; x++)
        if (key_of(m->keys, n_more, new_keys[x]) < 0 && n_more < GP_MAX_MORE) m->keys[n_more++] = new_keys[x];
    gp_bars_alloc(&m->bars, old->n + new->n, bits);
    gp_bars_more(&m->bars, n_more);
    if (old->time || new->time) m->bars.time = gp_xcalloc((size_t)(old->n + new->n) + 1, sizeof *m->bars.time);
    m->first = 0;
    bool same_columns = n_more == old->n_more && (old->time || !new->time);
    for (int c = 0; c < 6; c++) same_columns &= *gp_bar_column(old, c) || !*gp_bar_column(new, c);
    int first = -1;
    gp_buckets bucket;
    bool replaces = false; /* the row of `new` at hand takes the place of one that was dropped */
    gp_buckets_init(&bucket, old, 0, gp_period_of_code(new->period));
    for (int k = 0, i = 0; k < old->n || i < new->n;) {
        if (same_span(&bucket, old, k, new, i)) {
            if (old->date[k] > new->date[i]) {
                i++;
                continue;
            }
            m->revised += !replaces;
            m->before_last |= k < old->n - 1;
            m->dropped = replaces = true;
            if (first < 0) first = rows;
            k++;
            continue;
        }
        const int64_t a = k < old->n ? gp_bar_stamp(old, k) : INT64_MAX, b = i < new->n ? gp_bar_stamp(new, i) : INT64_MAX;
        const bool take_old = a <= b, take_new = b <= a;
        const bool differs = put_row(m, rows, old, take_old ? k : -1, old_keys, new, take_new ? i : -1, new_keys);
        m->bars.date[rows] = take_old ? old->date[k] : new->date[i];
        if (m->bars.time) m->bars.time[rows] = take_old ? (old->time ? old->time[k] : 0) : new->time ? new->time[i] : 0;
        if (!take_old) {
            m->appended += k == old->n && !replaces;
            m->inserted += k < old->n && !replaces;
            m->before_last |= k < old->n;
        } else if (differs) {
            m->revised++;
            m->before_last |= k < old->n - 1;
        }
        if (first < 0 && (!take_old || differs)) first = rows;
        k += take_old;
        i += take_new;
        rows++;
        replaces &= !take_new;
    }
    if (same_columns) m->first = first < 0 ? rows : first;
    m->bars.n = rows;
}

/* ---- appending ---- */

bool gp_bars_alike(gp_bars *a, const char *const *a_keys, gp_bars *b, const char *const *b_keys)
{
    bool alike = a->n_more == b->n_more && !a->time == !b->time;
    for (int c = 0; c < 6; c++) alike &= !*gp_bar_column(a, c) == !*gp_bar_column(b, c);
    for (int x = 0; alike && x < a->n_more; x++) alike = strcmp(a_keys[x], b_keys[x]) == 0;
    return alike;
}

static void make_room(gp_bars *b, int *room, int want)
{
    gp_bars larger = {0};
    unsigned bits = 0;

    if (want <= *room) return;
    *room = want > *room * 2 ? want : *room * 2;
    for (int c = 0; c < 6; c++) bits |= (unsigned)(*gp_bar_column(b, c) != NULL) << c;
    gp_bars_alloc(&larger, *room, bits);
    memcpy(larger.date, b->date, (size_t)b->n * sizeof *b->date);
    for (int c = 0; c < 6; c++) {
        if (!(bits >> c & 1)) continue;
        memcpy(*gp_bar_column(&larger, c), *gp_bar_column(b, c), (size_t)b->n * sizeof(double));
        *gp_bar_column(b, c) = *gp_bar_column(&larger, c);
    }
    free(b->date);
    b->date = larger.date;
    if (b->time) b->time = gp_xrealloc(b->time, (size_t)*room * sizeof *b->time);
    for (int x = 0; x < b->n_more; x++) b->more[x] = gp_xrealloc(b->more[x], (size_t)*room * sizeof **b->more);
}

void gp_bars_append(gp_bars *b, int *room, gp_bars *new)
{
    const size_t rows = (size_t)new->n;

    make_room(b, room, b->n + new->n);
    memcpy(b->date + b->n, new->date, rows * sizeof *b->date);
    if (b->time) memcpy(b->time + b->n, new->time, rows * sizeof *b->time);
    for (int c = 0; c < 6; c++)
        if (*gp_bar_column(b, c)) memcpy(*gp_bar_column(b, c) + b->n, *gp_bar_column(new, c), rows * sizeof(double));
    for (int x = 0; x < b->n_more; x++) memcpy(b->more[x] + b->n, new->more[x], rows * sizeof(double));
    b->n += new->n;
}
