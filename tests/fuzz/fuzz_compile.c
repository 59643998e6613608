/* Formula text -> tree -> program -> explanation; the formatter twice; lint. */
#include "eval/program.h"
#include "fuzz.h"

typedef struct made {
    gp_formula *f;
    gp_diags d;
    size_t parse_errors;
    bool resolved;
} made;

static made make(const char *p, size_t n, gp_library *l)
{
    made m = {0};
    m.f = gp_formula_parse("fuzz", p, n, GP_ENC_AUTO, &m.d);
    m.parse_errors = m.d.errors;
    m.f->library = l;
    return m;
}

static void unmake(made *m)
{
    gp_diags_fini(&m->d);
    gp_formula_free(m->f);
}

static void compile(made *m)
{
    for (int k = 0; k < 2; k++) {
        gp_program *p = gp_compile(m->f, &(gp_compile_opts){.exact_compare = k, .geometry = k, .closed_periods = k, .no_cse = k}, &m->d);
        FUZZ_CHECK(p || m->d.errors, "no program and no error");
        if (!p) return;
        gp_buf out = {0};
        gp_program_explain(p, &out);
        gp_program_lookback(p);
        gp_program_ahead(p);
        gp_program_needs(p);
        gp_buf_free(&out);
        gp_program_free(p);
    }
}

/* Formatting what was formatted changes nothing, and a good formula stays good.  once: made of m before its names
 * were bound. */
static void format(const made *m, gp_buf once, gp_library *l)
{
    gp_buf twice = {0};
    made again = make(once.p ? once.p : "", once.n, l);
    FUZZ_CHECK(again.parse_errors == 0, "formatted text has errors:\n%s", once.p);
    FUZZ_CHECK(again.f->n_stmts == m->f->n_stmts, "formatted text has %d statements, not %d:\n%s", again.f->n_stmts, m->f->n_stmts, once.p);
    gp_formula_format(again.f, &twice);
    FUZZ_CHECK(once.n == twice.n && memcmp(once.p ? once.p : "", twice.p ? twice.p : "", once.n) == 0, "formatted once:\n%s\ntwice:\n%s", once.p, twice.p);
    if (m->resolved) FUZZ_CHECK(gp_formula_resolve(again.f, &again.d), "formatted text does not resolve:\n%s", once.p);
    gp_buf_free(&twice);
    unmake(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
    gp_library *l = gp_library_new(fuzz_library_find, NULL, NULL);
    made m = make((const char *)p, n, l);
    gp_buf text = {0};
    if (m.parse_errors == 0) gp_formula_format(m.f, &text);
    m.resolved = gp_formula_resolve(m.f, &m.d);
    FUZZ_CHECK(m.resolved == (m.d.errors == 0), "resolved %d with %zu errors", m.resolved, m.d.errors);
    if (m.parse_errors == 0) format(&m, text, l);
    gp_buf_free(&text);
    if (m.resolved) {
        gp_formula_lint(m.f, &m.d);
        compile(&m);
    }
    fuzz_render(&m.d);
    unmake(&m);
    gp_library_free(l);
    return 0;
}
