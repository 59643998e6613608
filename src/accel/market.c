/* Quotes on the device: tiles of some tickers each, put there when they are first needed and taken away when memory is short. */
#include <stdlib.h>
#include "accel/inside.h"
#include "eval/code.h"

/* Packed on the host one after the other: this bounds what that needs. */
static const size_t group_bytes = (size_t)512 << 20;

static void add_columns(gp_accel_market *m, const gp_program *p)
{
    for (size_t v = 0; v < p->vals.n; v++) {
        const gp_val *val = &p->vals.at[v];
        if (!val->live || val->kind != GP_VAL_LOAD || val->letter == 'I') continue;
        const gp_fused_column c = {val->letter, val->letter == 'X' ? val->text : -1};
        int k = 0;
        while (k < m->n_columns && (m->column[k].letter != c.letter || m->column[k].external != c.external)) k++;
        if (k < m->n_columns) continue;
        m->column = gp_xrealloc(m->column, (size_t)(k + 1) * sizeof *m->column);
        m->column[m->n_columns++] = c;
    }
}

static void make_groups(gp_accel_market *m)
{
    for (int k = 0; k < m->tickers;) {
        gp_group g = {.first = k, .cap = 1};
        do {
            const int n = m->lane[k].n > g.cap ? m->lane[k].n : g.cap;
            if (g.tickers && (size_t)n * (size_t)(g.tickers + 1) * (size_t)(m->n_columns + 1) * sizeof(double) > group_bytes) break;
            g.cap = n;
            g.tickers++;
        } while (++k < m->tickers);
        gp_vec_push(&m->groups, g);
    }
}

gp_accel_market *gp_accel_market_new(gp_accel *a, const gp_program *const *like, int n_like, const gp_lane *lane, int tickers)
{
    gp_accel_market *m = gp_xcalloc(1, sizeof *m);
    m->accel = a;
    m->lane = lane;
    m->tickers = tickers;
    for (int k = 0; k < n_like; k++) add_columns(m, like[k]);
    make_groups(m);
    pthread_mutex_lock(&a->lock);
    m->next = a->markets;
    a->markets = m;
    pthread_mutex_unlock(&a->lock);
    return m;
}

void gp_accel_market_free(gp_accel_market *m)
{
    if (!m) return;
    gp_accel *a = m->accel;
    pthread_mutex_lock(&a->lock);
    for (gp_accel_market **at = &a->markets; *at; at = &(*at)->next)
        if (*at == m) {
            *at = m->next;
            break;
        }
    for (size_t k = 0; k < m->groups.n; k++) gp_group_away(a, &m->groups.at[k]);
    pthread_mutex_unlock(&a->lock);
    gp_tile_fini(&m->packed);
    gp_vec_free(&m->groups);
    free(m->column);
    free(m);
}

void gp_group_away(gp_accel *a, gp_group *g)
{
    if (g->at && a->device) a->api->give(a->device, g->at);
    g->at = NULL;
}

bool gp_markets_away(gp_accel *a, const gp_group *keep)
{
    bool any = false;
    for (gp_accel_market *m = a->markets; m; m = m->next)
        for (size_t k = 0; k < m->groups.n; k++) {
            gp_group *g = &m->groups.at[k];
            if (g == keep || !g->at) continue;
            gp_group_away(a, g);
            any = true;
        }
    return any;
}

bool gp_group_split(gp_accel_market *m, size_t at)
{
    gp_group *g = &m->groups.at[at];
    gp_group_away(m->accel, g);
    if (g->tickers < 2) return false;
    gp_group second = *g;
    g->tickers /= 2;
    second.first += g->tickers;
    second.tickers -= g->tickers;
    gp_vec_push(&m->groups, second);
    return true;
}

void gp_market_pack(gp_accel_market *m)
{
    gp_accel *a = m->accel;
    pthread_mutex_lock(&a->lock);
    const bool wanted = a->device && m->groups.n == 1 && !m->groups.at[0].at && !m->packed.quotes;
    pthread_mutex_unlock(&a->lock);
    if (wanted) gp_tile_pack(&m->packed, m->column, m->n_columns, m->lane, m->tickers);
}

gp_accel_status gp_group_here(gp_accel_market *m, gp_group *g)
{
    gp_accel *a = m->accel;
    gp_tile tile = m->packed;
    if (g->at) return GP_ACCEL_OK;
    m->packed = (gp_tile){0};
    if (!tile.quotes || tile.tickers != g->tickers) {
        gp_tile_fini(&tile);
        gp_tile_pack(&tile, m->column, m->n_columns, m->lane + g->first, g->tickers);
    }
    const size_t quotes = gp_tile_bytes(&tile), bars = (size_t)g->tickers * sizeof *tile.bars;
    gp_accel_status s = gp_accel_take(a, quotes + bars, &g->at);
    if (s == GP_ACCEL_NO_MEMORY && gp_markets_away(a, g)) s = gp_accel_take(a, quotes + bars, &g->at);
    if (s != GP_ACCEL_OK) g->at = NULL;
    g->cap = tile.cap;
    g->bars_at = quotes;
    if (s == GP_ACCEL_OK) s = gp_accel_upload(a, g->at, tile.quotes, quotes);
    if (s == GP_ACCEL_OK) s = gp_accel_upload(a, (char *)g->at + quotes, tile.bars, bars);
    gp_tile_fini(&tile);
    return s;
}
