#include "market/codes.h"
#include "base/exchange.h"
#include "base/vec.h"
#include "market/columns.h"

static uint32_t *slot_of(const gp_codes *c, const char *code)
{
    uint32_t k = (uint32_t)gp_str_ihash(gp_str_from(code)) & (c->n_slots - 1);
    while (c->slots[k] && strcmp(c->at[c->slots[k] - 1].code, code) != 0) k = (k + 1) & (c->n_slots - 1);
    return &c->slots[k];
}

static bool same_market(const char *a, const char *b)
{
    return !*a || !*b || strcmp(a, b) == 0;
}

int gp_codes_find(const gp_codes *c, const char *code, const char *market)
{
    char key[sizeof c->at->code];
    snprintf(key, sizeof key, "%s", code);
    for (uint32_t at = c->n ? *slot_of(c, key) : 0; at; at = c->at[at - 1].next)
        if (same_market(c->at[at - 1].market, market ? market : "")) return (int)at - 1;
    return -1;
}

static void make_room(gp_codes *c)
{
    if (c->n == c->cap) {
        c->cap = c->cap ? c->cap * 2 : 16;
        c->at = gp_xrealloc(c->at, c->cap * sizeof *c->at);
    }
    if (c->n_slots >= 2 * (c->n + 1)) return;
    free(c->slots);
    c->n_slots = c->n_slots ? c->n_slots * 4 : 64;
    c->slots = gp_xcalloc(c->n_slots, sizeof *c->slots);
    for (uint32_t i = 0; i < c->n; i++) {
        uint32_t *slot = slot_of(c, c->at[i].code);
        c->at[i].next = *slot;
        *slot = i + 1;
    }
}

static bool all_digits(gp_str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] < '0' || s.p[i] > '9') return false;
    return true;
}

bool gp_codes_plausible(gp_str cell)
{
    size_t digits = 0;
    cell = gp_cell_bare(cell);
    for (size_t i = 0; i < cell.n; i++) {
        const unsigned char ch = (unsigned char)cell.p[i];
        const bool digit = ch >= '0' && ch <= '9', letter = (ch | 32) >= 'a' && (ch | 32) <= 'z';
        if (!digit && !letter && ch < 128 && !strchr("._#-^=", ch)) return false;
        digits += digit && digits == i;
        if (digits == 6 && letter && i == 6) return false; /* six digits are a whole code */
    }
    if (digits == cell.n && digits == 7) return gp_exchange_name(cell.p[0] - '0') != NULL;
    return cell.n > 0 && cell.n < 32 && !(digits == cell.n && digits > 6);
}

uint32_t gp_codes_add(gp_codes *c, gp_str cell)
{
    gp_code_entry e = {.next = 0};
    char padded[8];
    if (cell.n > 0 && cell.n < 5 && all_digits(cell)) { /* a table program has taken 000858 for a number */
        snprintf(padded, sizeof padded, "%.*s%.*s", (int)(6 - cell.n), "000000", GP_STR_ARG(cell));
        cell = (gp_str){padded, 6};
    }
    char marked[16];
    if (cell.n == 7 && all_digits(cell) && gp_exchange_name(cell.p[0] - '0')) {
        snprintf(marked, sizeof marked, "%s%.6s", gp_exchange_name(cell.p[0] - '0'), cell.p + 1);
        cell = (gp_str){marked, 8};
    }
    gp_code_of_cell(cell, e.code, sizeof e.code, e.market);
    const int found = gp_codes_find(c, e.code, e.market);
    if (found >= 0) return (uint32_t)found;
    make_room(c);
    uint32_t *slot = slot_of(c, e.code);
    e.next = *slot;
    c->at[c->n++] = e;
    *slot = c->n;
    return c->n - 1;
}

void gp_codes_fini(gp_codes *c)
{
    free(c->at);
    free(c->slots);
    *c = (gp_codes){0};
}

/* ---- what a word names ---- */

gp_code_word gp_code_word_of(const char *text, bool numbered)
{
    gp_code_word w = {.sure = true};
    const size_t digits = strspn(text, "0123456789");
    if (digits > 0 && digits <= 3 && (text[digits] == '_' || text[digits] == '#' || (numbered && text[digits] == '.')) && text[digits + 1]) {
        char unused[3];
        gp_code_of_cell(gp_str_from(text + digits + 1), w.code, sizeof w.code, unused);
        const char *market = digits == 1 ? gp_exchange_name(text[0] - '0') : NULL;
        if (market) strcpy(w.market, market);
        return w;
    }
    gp_code_of_cell(gp_str_from(text), w.code, sizeof w.code, w.market);
    w.sure = strlen(text) > 6; /* six digits alone name no market: any will do, the usual one first */
    return w;
}

int gp_code_fits(const gp_code_word *w, const char *code, const char *market)
{
    const size_t digits = strspn(code, "0123456789");
    const char *bare = digits > 0 && digits <= 3 && (code[digits] == '#' || code[digits] == '_') ? code + digits + 1 : code;
    if (!gp_str_ieqz(gp_str_from(w->code), code) && !gp_str_ieqz(gp_str_from(w->code), bare)) return 0;
    if (!*w->market || !*market || strcmp(w->market, market) == 0) return 2;
    return w->sure ? 0 : 1;
}
