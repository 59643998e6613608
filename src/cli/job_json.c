/* What a run found, as JSON: for scripts, for the next run, for a report.  docs/nightly.md has the keys. */
#include <math.h>
#include <string.h>
#include <time.h>
#include "cli/hit_charts.h"
#include "cli/job.h"

static json_t *text(const char *z)
{
    json_t *s = json_string(z ? z : ""); /* NULL: it is no UTF-8 */
    return s ? s : json_string("?");
}

static json_t *day(int32_t date, int32_t time)
{
    char z[32];
    int n = snprintf(z, sizeof z, "%04d-%02d-%02d", (int)(date / 10000), (int)(date / 100 % 100), (int)(date % 100));
    if (time >= 0)
        snprintf(z + n, sizeof z - (size_t)n, " %02d:%02d:%02d", (int)(time / 10000), (int)(time / 100 % 100), (int)(time % 100));
    return json_string(z);
}

static json_t *number(double x) { return isfinite(x) ? json_real(x) : json_null(); }

static json_t *labels(const gp_plan *p, const gp_hit *h)
{
    json_t *list = json_array();
    gp_buf names = {0};
    gp_cli_labels(p, h, &names);
    for (const char *z = names.p, *end = z + names.n; z && z < end;) {
        const char *cut = memchr(z, GP_LIST_SEPARATOR, (size_t)(end - z));
        const size_t n = cut ? (size_t)(cut - z) : (size_t)(end - z);
        json_t *one = json_stringn(z, n);
        json_array_append_new(list, one ? one : json_string("?"));
        z += n + 1;
    }
    gp_buf_free(&names);
    return list;
}

static json_t *hit(const gp_plan *p, const gp_hit *h)
{
    json_t *o = json_object(), *cols = json_object();
    char history[24];
    json_object_set_new(o, "code", text(h->code));
    json_object_set_new(o, "market", text(h->market));
    json_object_set_new(o, "name", text(h->name));
    json_object_set_new(o, "date", day(h->date, h->time));
    json_object_set_new(o, "close", number(h->close));
    json_object_set_new(o, "signals", labels(p, h));
    for (int i = 0; i < p->n_cols; i++)
        json_object_set_new(cols, p->cols[i].name, number(h->values[i]));
    json_object_set_new(o, "columns", cols);
    if (h->history) {
        snprintf(history, sizeof history, "%016llx", (unsigned long long)h->history);
        json_object_set_new(o, "history", json_string(history));
    }
    return o;
}

static json_t *parameters(const gp_formula *f)
{
    json_t *o = json_object();
    for (int i = 0; i < f->n_params; i++) {
        char name[64];
        snprintf(name, sizeof name, GP_STR_FMT, GP_STR_ARG(f->params[i].name));
        json_object_set_new(o, name, number(f->params[i].value));
    }
    return o;
}

static size_t shown(const job_formula *f)
{
    const size_t n = f->result.n_hits;
    return f->cli.top && (size_t)f->cli.top < n ? (size_t)f->cli.top : n;
}

static json_t *formula(job_formula *f)
{
    json_t *o = json_object(), *hits = json_array(), *signals = json_array();
    const gp_str source = f->formula->src->text;
    json_t *whole = json_stringn(source.p ? source.p : "", source.n);
    json_object_set_new(o, "name", text(f->name));
    json_object_set_new(o, "formula", text(f->word));
    json_object_set_new(o, "text", whole ? whole : json_string("?"));
    json_object_set_new(o, "parameters", parameters(f->formula));
    for (int i = 0; i < f->plan.n_signals; i++)
        json_array_append_new(signals, text(f->plan.signals[i].label));
    json_object_set_new(o, "signals", signals);
    json_object_set_new(o, "within", json_integer(f->cli.within ? f->cli.within : 1));
    json_object_set_new(o, "found", json_integer((json_int_t)f->result.n_hits));
    for (size_t i = 0; i < shown(f); i++)
        json_array_append_new(hits, hit(&f->plan, &f->result.hits[i]));
    json_object_set_new(o, "hits", hits);
    json_object_set_new(o, "left", json_array());
    f->json = o;
    return o;
}

json_t *gp_job_json(job *j, const job_facts *f)
{
    json_t *o = json_object(), *data = json_object(), *paths = json_array(), *warnings = json_array(), *formulas = json_array();
    char now[40];
    const time_t t = time(NULL);
    struct tm tm;
    strftime(now, sizeof now, "%Y-%m-%dT%H:%M:%S%z", localtime_r(&t, &tm));
    json_object_set_new(o, "version", json_integer(JOB_REPORT_VERSION));
    json_object_set_new(o, "goldpit", json_string(GOLDPIT_VERSION));
    json_object_set_new(o, "job", text(j->name));
    json_object_set_new(o, "began", json_string(f->began));
    json_object_set_new(o, "ended", json_string(now));
    for (size_t i = 0; i < j->data.n; i++)
        json_array_append_new(paths, text(j->data.at[i]));
    json_object_set_new(data, "paths", paths);
    json_object_set_new(data, "securities", json_integer((json_int_t)f->securities));
    json_object_set_new(data, "newest", f->newest ? day(f->newest, -1) : json_null());
    json_object_set_new(data, "files", json_integer((json_int_t)f->inputs));
    json_object_set_new(data, "skipped", json_integer((json_int_t)f->skipped));
    for (size_t i = 0; i < f->n_warnings; i++)
        json_array_append_new(warnings, text(f->warnings[i]));
    json_object_set_new(data, "warnings", warnings);
    json_object_set_new(o, "data", data);
    for (size_t i = 0; i < j->formulas.n; i++)
        json_array_append_new(formulas, formula(&j->formulas.at[i]));
    json_object_set_new(o, "formulas", formulas);
    return o;
}

/* ---- beside the run before ---- */

json_t *gp_job_before(const char *path, gp_buf *why)
{
    json_error_t e;
    gp_file file;
    const char *unread = gp_file_open(path, &file);
    if (unread) {
        gp_buf_addz(why, unread);
        return NULL;
    }
    json_t *o = json_loadb(file.p, file.n, 0, &e);
    gp_file_close(&file);
    const json_t *version = json_object_get(o, "version");
    if (!o)
        gp_buf_printf(why, "it is no report of a run: line %d: %s", e.line, e.text);
    else if (!json_is_string(json_object_get(o, "job")) || !json_is_array(json_object_get(o, "formulas")))
        gp_buf_addz(why, "it is no report of a run: it has no job and formulas");
    else if (!json_is_integer(version) || json_integer_value(version) != JOB_REPORT_VERSION)
        gp_buf_printf(why, "it is a report of version %d, and this goldpit knows version %d", (int)json_integer_value(version), JOB_REPORT_VERSION);
    else
        return o;
    json_decref(o);
    return NULL;
}

static const char *string_of(json_t *o, const char *key)
{
    const char *z = json_string_value(json_object_get(o, key));
    return z ? z : "";
}

static json_t *find(json_t *list, const char *key, const char *value, const char *key2, const char *value2)
{
    size_t i;
    json_t *one;
    json_array_foreach(list, i, one) {
        if (strcmp(string_of(one, key), value) == 0 && (!key2 || strcmp(string_of(one, key2), value2) == 0))
            return one;
    }
    return NULL;
}

static const char *key_of(json_t *hit, char room[160])
{
    snprintf(room, 160, "%s %s", string_of(hit, "market"), string_of(hit, "code"));
    return room;
}

/* Hits by market and code. */
static json_t *by_code(json_t *hits)
{
    json_t *o = json_object(), *one;
    char key[160];
    size_t i;
    json_array_foreach(hits, i, one) json_object_set(o, key_of(one, key), one);
    return o;
}

void gp_job_compare(job *j, json_t *now, json_t *before, size_t *entered, size_t *left)
{
    json_t *revised = json_array(), *said = json_object(), *had = json_object_get(before, "formulas"), *one, *gone;
    size_t i, k;
    *entered = *left = 0;
    for (size_t n = 0; n < j->formulas.n; n++) {
        job_formula *f = &j->formulas.at[n];
        json_t *old = before ? find(had, "name", f->name, NULL, NULL) : NULL, *old_hits = json_object_get(old, "hits");
        json_t *hits = json_object_get(f->json, "hits"), *lost = json_object_get(f->json, "left");
        json_t *were = by_code(old_hits), *are = by_code(hits);
        char key[160];
        json_array_foreach(hits, i, one) {
            json_t *was = json_object_get(were, key_of(one, key));
            json_object_set_new(one, "status", json_string(was ? "stayed" : "entered"));
            *entered += !was;
            if (!was || !*string_of(was, "history") || strcmp(string_of(was, "history"), string_of(one, "history")) == 0 || json_object_get(said, key))
                continue;
            json_t *r = json_object();
            json_object_set(r, "code", json_object_get(one, "code"));
            json_object_set(r, "market", json_object_get(one, "market"));
            json_array_append_new(revised, r);
            json_object_set_new(said, key, json_true());
        }
        json_array_foreach(old_hits, k, gone) {
            if (json_object_get(are, key_of(gone, key)))
                continue;
            json_array_append(lost, gone);
            ++*left;
        }
        json_decref(were);
        json_decref(are);
    }
    json_decref(said);
    json_object_set_new(now, "since", before && *string_of(before, "ended") ? json_string(string_of(before, "ended")) : json_null());
    json_object_set_new(now, "revised", revised);
}
