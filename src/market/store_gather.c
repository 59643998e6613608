/* What is given to the writer, piece by piece: short pieces of a security are joined before anything is written, since a folder with one
 * file a day for all securities gives every security as many pieces as there are days. */
#include <string.h>
#include "market/store_merge.h"
#include "market/store_writer.h"

enum { SHORT = 512 /* rows: fewer are gathered */ };

static size_t hash_word(const char *word)
{
    return (size_t)gp_chunk_hash(word, strlen(word));
}

static void more_slots(gp_store_writer *w)
{
    free(w->slots);
    w->n_slots = w->n_slots ? w->n_slots * 2 : 1024;
    w->slots = gp_xcalloc(w->n_slots, sizeof *w->slots);
    for (size_t i = 0; i < w->parts.n; i++) {
        size_t at = hash_word(w->parts.at[i].word) & (w->n_slots - 1);
        while (w->slots[at]) at = (at + 1) & (w->n_slots - 1);
        w->slots[at] = (uint32_t)i + 1;
    }
}

/* The number of the security among the parts. */
static size_t part_of(gp_store_writer *w, const gp_bars *b)
{
    gp_buf word = {0};

    if (w->parts.n * 2 >= w->n_slots) more_slots(w);
    gp_buf_printf(&word, "%s %s %d", b->market ? b->market : "", b->code, b->period);
    size_t at = hash_word(word.p) & (w->n_slots - 1);
    for (; w->slots[at]; at = (at + 1) & (w->n_slots - 1)) {
        if (strcmp(w->parts.at[w->slots[at] - 1].word, word.p) != 0) continue;
        gp_buf_free(&word);
        return w->slots[at] - 1;
    }
    gp_vec_push(&w->parts, (part){.word = word.p});
    w->slots[at] = (uint32_t)w->parts.n;
    w->counts.securities++;
    return w->parts.n - 1;
}

static size_t bytes_of(const gp_bars *b) { return (size_t)b->n * (sizeof(int32_t) * 2 + sizeof(double) * (size_t)(6 + b->n_more)); }

/* Makes the puts of all that was gathered. */
static bool put_gathered(gp_store_writer *w, gp_diags *d)
{
    bool good = true;

    for (size_t i = 0; i < w->parts.n && good && w->gathered; i++) {
        part *p = &w->parts.at[i];
        if (p->bars.n == 0) continue;
        w->gathered -= bytes_of(&p->bars);
        good = gp_store_put_security(w, i, &p->bars, p->keys, d);
    }
    return good;
}

bool gp_store_writer_commit(gp_store_writer *w, gp_diags *d) { return put_gathered(w, d) && gp_store_commit_puts(w, d); }

/* Puts the bars with those that were gathered of the security.  False: they do not fit. */
static bool gather(gp_store_writer *w, part *p, gp_bars *given, const char *const *keys)
{
    if (p->put == w->commits || given->n > SHORT) return false;
    if (p->bars.n == 0) {
        p->bars = *given;
        p->room = given->n;
        for (int x = 0; x < given->n_more; x++) p->keys[x] = keys[x];
        w->gathered += bytes_of(given);
        *given = (gp_bars){0};
        return true;
    }
    if (given->period > 5 || given->adjusted != p->bars.adjusted || gp_bar_stamp(given, 0) <= gp_bar_stamp(&p->bars, p->bars.n - 1) || !gp_bars_alike(&p->bars, p->keys, given, keys)) return false;
    w->gathered += bytes_of(given);
    gp_bars_append(&p->bars, &p->room, given);
    if (given->name && *given->name) { /* the newest name, and the file it came from */
        char *was = p->bars.code;
        p->bars.code = given->code, p->bars.market = given->market, p->bars.name = given->name, p->bars.file = given->file;
        given->code = was;
    }
    gp_bars_fini(given);
    return true;
}

bool gp_store_writer_add(gp_store_writer *w, gp_bars *given, const char *const *keys, gp_diags *d)
{
    bool good = true;

    if (given->n == 0) {
        gp_bars_fini(given);
        return true;
    }
    const size_t number = part_of(w, given);
    part *p = &w->parts.at[number];
    if (!gather(w, p, given, keys)) {
        if (p->bars.n || p->put == w->commits) good = gp_store_writer_commit(w, d); /* in the order they were given */
        if (good && !gather(w, p, given, keys)) good = gp_store_put_security(w, number, given, keys, d);
    }
    if (good && w->gathered >= w->o.batch) good = put_gathered(w, d);
    if (good && w->held >= w->o.batch) good = gp_store_writer_commit(w, d);
    gp_bars_fini(given);
    return good;
}
