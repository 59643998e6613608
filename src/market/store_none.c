/* Without LMDB there is no store; the other store_*.c files are the other one. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include "base/vec.h"
#include "market/store.h"

bool gp_store_available(void) { return false; }
const char *gp_store_library(void) { return "none (built without LMDB)"; }

bool gp_store_is(const char *dir)
{
    gp_buf path = {0};
    struct stat st;

    gp_buf_printf(&path, "%s/data.mdb", dir);
    const bool yes = stat(path.p, &st) == 0 && S_ISREG(st.st_mode);
    gp_buf_free(&path);
    return yes;
}

gp_store *gp_store_open(const char *dir, gp_diags *d)
{
    gp_diag_file(d, GP_D_STORE_NONE, dir, 0, 0);
    return NULL;
}

void gp_store_close(gp_store *s) { (void)s; }
size_t gp_store_count(const gp_store *s) { (void)s; return 0; }
const gp_store_entry *gp_store_at(const gp_store *s, size_t k) { (void)s, (void)k; return NULL; }
void gp_store_facts_get(const gp_store *s, gp_store_facts *out) { (void)s; *out = (gp_store_facts){0}; }

bool gp_store_read(const gp_store *s, size_t k, const char *name, const gp_read_opts *o, gp_bars *out, gp_diags *d)
{
    (void)s, (void)k, (void)o, (void)out;
    gp_diag_file(d, GP_D_STORE_NONE, name, 0, 0);
    return false;
}

int gp_store_more(const gp_store *s, size_t k, const char **keys) { (void)s, (void)k, (void)keys; return 0; }

gp_store_writer *gp_store_writer_open(const char *dir, const gp_store_write_opts *o, long *busy, gp_diags *d)
{
    (void)o;
    *busy = 0;
    gp_diag_file(d, GP_D_STORE_NONE, dir, 0, 0);
    return NULL;
}

bool gp_store_writer_add(gp_store_writer *w, gp_bars *b, const char *const *keys, gp_diags *d) { (void)w, (void)b, (void)keys, (void)d; return false; }
bool gp_store_writer_commit(gp_store_writer *w, gp_diags *d) { (void)w, (void)d; return false; }
const gp_store_counts *gp_store_writer_counts(const gp_store_writer *w) { (void)w; return NULL; }
void gp_store_writer_close(gp_store_writer *w) { (void)w; }
