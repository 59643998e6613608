/* Cutting a failing case down: fewer statements, smaller expressions, fewer bars, plainer quotes. */
#include <string.h>
#include "cases.h"

typedef struct shrinker {
    test_case *t;
    bool (*fails)(const test_case *t);
    int budget;
} shrinker;

static bool still(shrinker *s) { return s->budget-- > 0 && s->fails(s->t); }

static bool try_piece(shrinker *s, piece **at, piece *with)
{
    piece *old = *at;
    *at = with;
    if (still(s)) return true;
    *at = old;
    return false;
}

static bool is_leaf(const piece *p, const char *text) { return !p->fn && strcmp(p->leaf, text) == 0; }

static bool shrink_piece(shrinker *s, piece **at)
{
    static const char *const plain[] = {"0", "1", "C"};
    bool any = false;
    for (int j = 0; (*at)->fn && j < (*at)->n_args; j++)
        if (try_piece(s, at, (*at)->arg[j])) any = true, j = -1;
    for (size_t k = 0; k < sizeof plain / sizeof *plain; k++) {
        if (is_leaf(*at, plain[k])) break;
        piece *p = gp_arena_alloc(&s->t->arena, sizeof *p);
        snprintf(p->leaf, sizeof p->leaf, "%s", plain[k]);
        if (try_piece(s, at, p)) return true;
    }
    for (int j = 0; (*at)->fn && j < (*at)->n_args; j++) any |= shrink_piece(s, &(*at)->arg[j]);
    return any;
}

/* Bars [from, from + n) away. */
static bool cut(shrinker *s, int from, int n)
{
    test_case *t = s->t;
    if (n <= 0 || t->n - n < 1) return false;
    static test_case saved;
    memcpy(&saved, t, sizeof saved);
#define CUT(x) memmove(t->x + from, t->x + from + n, sizeof *t->x * (size_t)(t->n - from - n))
    CUT(open), CUT(high), CUT(low), CUT(close), CUT(vol), CUT(amount), CUT(date), CUT(time);
#undef CUT
    t->n -= n;
    if (still(s)) return true;
    const gp_arena arena = t->arena; /* what the test allocated stays */
    memcpy(t, &saved, sizeof saved);
    t->arena = arena;
    return false;
}

static bool shrink_bars(shrinker *s)
{
    bool any = false;
    for (int n = s->t->n / 2; n >= 1; n /= 2)
        for (int from = s->t->n - n; from >= 0; from -= n)
            while (from + n <= s->t->n && cut(s, from, n)) any = true;
    return any;
}

static bool plainer(shrinker *s, double *x, const double *by)
{
    static double saved[CASE_BARS];
    const size_t bytes = sizeof *x * (size_t)s->t->n;
    memcpy(saved, x, bytes);
    for (int i = 0; i < s->t->n; i++) x[i] = by ? by[i] : 100;
    if (memcmp(saved, x, bytes) != 0 && still(s)) return true;
    memcpy(x, saved, bytes);
    return false;
}

static bool rounder(shrinker *s, double *x)
{
    bool any = false;
    for (int i = 0; i < s->t->n && s->t->n <= 40; i++) {
        const double old = x[i];
        const double tries[] = {10, round(old)};
        for (int k = 0; k < 2 && x[i] == old; k++) {
            if (tries[k] == old || nil(tries[k])) continue;
            x[i] = tries[k];
            if (still(s)) any = true;
            else x[i] = old;
        }
    }
    return any;
}

void case_shrink(test_case *t, bool (*fails)(const test_case *t))
{
    shrinker s = {t, fails, 6000};
    for (bool any = true; any && s.budget > 0;) {
        any = false;
        for (int k = CASE_STATEMENTS - 1; k >= 0; k--) {
            piece *old = t->stmt[k];
            if (!old) continue;
            t->stmt[k] = NULL;
            if (still(&s)) any = true;
            else t->stmt[k] = old;
        }
        for (int k = 0; k < CASE_STATEMENTS; k++) {
            piece *old = t->skip[k];
            if (!old || !t->stmt[k]) continue;
            t->skip[k] = NULL;
            if (still(&s)) any = true;
            else t->skip[k] = old, any |= shrink_piece(&s, &t->skip[k]);
        }
        any |= shrink_bars(&s);
        for (int k = 0; k < CASE_STATEMENTS; k++)
            if (t->stmt[k]) any |= shrink_piece(&s, &t->stmt[k]);
        for (int k = 0; k < CASE_LIBRARY; k++)
            if (t->library[k]) any |= shrink_piece(&s, &t->library[k]);
        any |= plainer(&s, t->amount, NULL);
        any |= plainer(&s, t->vol, NULL);
        any |= plainer(&s, t->open, t->close);
        any |= plainer(&s, t->high, t->close);
        any |= plainer(&s, t->low, t->close);
        any |= rounder(&s, t->close);
    }
    for (int k = 0; k < CASE_STATEMENTS; k++) {
        const bool was = t->hidden[k];
        t->hidden[k] = false;
        if (was && !still(&s)) t->hidden[k] = true;
    }
}
