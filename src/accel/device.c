/* The module, its device, and compiled kernels. */
#include <dlfcn.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "accel/inside.h"
#include "accel/measure.h"
#include "eval/code.h"

static const gp_accel_text headers[] = {
#include "accel/headers.inc"
};
enum { HEADERS = sizeof headers / sizeof *headers };
static const char entry_name[] = "goldpit"; /* of a kernel in the text it is known by */

double gp_accel_clock(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* ---- the module ---- */

/* Where it is; false: not there, and `said` says so. */
static bool module_path(char path[PATH_MAX + 32], char *said, size_t room)
{
    static const char name[] = "/goldpit-cuda.so";
    const char *own = getenv("GOLDPIT_CUDA_MODULE");
    if (own && *own) {
        snprintf(path, PATH_MAX + 32, "%s", own);
        if (access(path, R_OK) == 0) return true;
        snprintf(said, room, "there is no module %.600s (GOLDPIT_CUDA_MODULE)", own);
        return false;
    }
    const ssize_t n = readlink("/proc/self/exe", path, PATH_MAX);
    if (n > 0) {
        path[n] = 0;
        char *slash = strrchr(path, '/');
        if (slash) snprintf(slash, 32, "%s", name);
        if (slash && access(path, R_OK) == 0) return true;
    }
    snprintf(path, PATH_MAX + 32, GOLDPIT_MODULES "%s", name);
    if (access(path, R_OK) == 0) return true;
    snprintf(said, room, "the module goldpit-cuda.so is not installed");
    return false;
}

bool gp_accel_installed(char *said, size_t room)
{
    char path[PATH_MAX + 32];
    return module_path(path, said, room);
}

static void find_module(gp_accel *a)
{
    char path[PATH_MAX + 32];
    if (!module_path(path, a->said, sizeof a->said)) return;
    a->path = gp_xstrndup(path, strlen(path));
    a->library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (a->library) return;
    const char *why = dlerror();
    snprintf(a->said, sizeof a->said, "the module cannot be loaded: %s", why ? why : "?");
}

static void open_device(gp_accel *a)
{
    gp_accel_entry *entry = NULL;
    *(void **)&entry = dlsym(a->library, GP_ACCEL_ENTRY);
    a->api = entry ? entry(GP_ACCEL_ABI) : NULL;
    if (!a->api || a->api->abi != GP_ACCEL_ABI) {
        a->api = NULL;
        snprintf(a->said, sizeof a->said, "the module is of another version of goldpit");
        return;
    }
    a->device = a->api->open(a->said, sizeof a->said);
    if (!a->device) return;
    a->api->about(a->device, &a->about);
    snprintf(a->said, sizeof a->said, "%s, %.1f GB, %s, %s", a->about.device, (double)a->about.memory / 1e9, a->about.driver,
             a->about.compiler);
}

gp_accel *gp_accel_open_none(void)
{
    gp_accel *a = gp_xcalloc(1, sizeof *a);
    pthread_mutex_init(&a->lock, NULL);
    snprintf(a->said, sizeof a->said, "no device was asked for");
    const char *kernels = getenv("GOLDPIT_KERNEL");
    if (kernels && *kernels) a->kernels_of = strcmp(kernels, "fused") == 0 ? GP_KERNELS_FUSED : strcmp(kernels, "interpreter") == 0 ? GP_KERNELS_INTERPRETER : GP_KERNELS_AUTO;
    return a;
}

static int forced(const char *word)
{
    const char *all = getenv("GOLDPIT_ACCEL_VARIANT"), *at = all ? strstr(all, word) : NULL;
    return at ? atoi(at + strlen(word)) : 0;
}

gp_accel *gp_accel_open(void)
{
    gp_accel *a = gp_accel_open_none();
    const double began = gp_accel_clock();
    a->force = (gp_force){.span = forced("span="), .width = forced("width="), .shared = forced("shared="), .blocks = forced("blocks=")};
    find_module(a);
    if (a->library) open_device(a);
    a->open_s = gp_accel_clock() - began;
    gp_accel_costs c;
    if (a->device && gp_accel_costs_kept(a, &c)) a->compile_s = c.compile;
    return a;
}

static void forget_kernels(gp_accel *a)
{
    for (size_t k = 0; k < a->kernels.n; k++) free(a->kernels.at[k].text);
    for (size_t k = 0; k < a->codes.n; k++)
        if (a->device) a->api->forget(a->device, a->codes.at[k]);
    a->kernels.n = a->codes.n = 0;
}

void gp_accel_close(gp_accel *a)
{
    if (!a) return;
    forget_kernels(a);
    gp_vec_free(&a->kernels);
    gp_vec_free(&a->codes);
    if (a->device) {
        a->api->give(a->device, a->block);
        a->api->close(a->device);
    }
    if (a->library) dlclose(a->library);
    pthread_mutex_destroy(&a->lock);
    free(a->path);
    free(a);
}

bool gp_accel_ready(const gp_accel *a)
{
    return a && a->device;
}

const char *gp_accel_said(const gp_accel *a)
{
    return a->said;
}

const char *gp_accel_module(const gp_accel *a)
{
    return a->path ? a->path : "";
}

gp_accel_stats gp_accel_counts(gp_accel *a)
{
    pthread_mutex_lock(&a->lock);
    const gp_accel_stats s = a->stats;
    pthread_mutex_unlock(&a->lock);
    return s;
}

gp_accel_peak gp_accel_peaks(gp_accel *a)
{
    enum { SCHEDULERS = 4, WARP = 32, PER_CLOCK = 2 }; /* of a processor; memory moves bits twice a clock */
    gp_accel_about about = {0};
    pthread_mutex_lock(&a->lock);
    if (a->device) a->api->about(a->device, &about);
    pthread_mutex_unlock(&a->lock);
    return (gp_accel_peak){about.memory_clock * PER_CLOCK * about.memory_bus / 8, about.processors * about.clock * SCHEDULERS * WARP};
}

const char *gp_accel_refusal(gp_accel *a)
{
    return a->refusal[0] ? a->refusal : NULL;
}

/* ---- what it says ---- */

static void one_line(char *z)
{
    size_t n = strlen(z);
    for (size_t k = 0; k < n; k++)
        if (z[k] == '\n') z[k] = ' ';
    while (n && z[n - 1] == ' ') z[--n] = 0;
}

void gp_accel_note(gp_accel *a, gp_accel_status s)
{
    if (s == GP_ACCEL_REFUSED && (!a->refusal[0] || a->together)) {
        a->together = false;
        snprintf(a->refusal, sizeof a->refusal, "%s", a->api->said(a->device));
        one_line(a->refusal);
    }
    if (s != GP_ACCEL_LOST || !a->device) return;
    snprintf(a->said, sizeof a->said, "the GPU failed, %s", a->api->said(a->device));
    one_line(a->said);
    /* its memory is gone or void; closing it may fail as well, which the module leaves at that */
    a->kernels.n ? forget_kernels(a) : (void)0;
    for (gp_accel_market *m = a->markets; m; m = m->next)
        for (size_t k = 0; k < m->groups.n; k++) m->groups.at[k].at = NULL;
    a->block = NULL;
    a->block_bytes = 0;
    a->api->close(a->device);
    a->device = NULL;
}

/* ---- memory ---- */

gp_accel_status gp_accel_take(gp_accel *a, size_t bytes, void **at)
{
    gp_accel_status s = a->api->take(a->device, bytes, at);
    if (s == GP_ACCEL_NO_MEMORY && a->block) {
        a->api->give(a->device, a->block);
        a->block = NULL;
        a->block_bytes = 0;
        s = a->api->take(a->device, bytes, at);
    }
    return s;
}

gp_accel_status gp_accel_block(gp_accel *a, size_t bytes)
{
    if (a->block && a->block_bytes >= bytes) return GP_ACCEL_OK;
    a->api->give(a->device, a->block);
    a->block = NULL;
    a->block_bytes = 0;
    const gp_accel_status s = a->api->take(a->device, bytes, &a->block);
    if (s == GP_ACCEL_OK) a->block_bytes = bytes;
    else a->block = NULL;
    return s;
}

gp_accel_status gp_accel_upload(gp_accel *a, void *to, const void *from, size_t bytes)
{
    const double began = gp_accel_clock();
    const gp_accel_status s = a->api->upload(a->device, to, from, bytes);
    a->stats.upload_s += gp_accel_clock() - began;
    a->stats.uploaded += bytes;
    return s;
}

gp_accel_status gp_accel_download(gp_accel *a, void *to, const void *from, size_t bytes)
{
    const double began = gp_accel_clock();
    const gp_accel_status s = a->api->download(a->device, to, from, bytes);
    a->stats.download_s += gp_accel_clock() - began;
    a->stats.downloaded += bytes;
    return s;
}

/* ---- kernels ---- */

static gp_ready *known(const gp_accel *a, const char *text, bool exact)
{
    for (size_t k = a->kernels.n; k-- > 0;)
        if (a->kernels.at[k].exact == exact && strcmp(a->kernels.at[k].text, text) == 0) return &a->kernels.at[k];
    return NULL;
}

static void make_source(const gp_fuse_steps *steps, bool exact, const gp_buf *kernels, gp_buf *source)
{
    gp_fuse_prelude(steps, exact, source);
    gp_buf_add(source, kernels->p, kernels->n);
}

bool gp_accel_kept(gp_accel *a, const char *kernels, bool exact, const gp_fuse_steps *steps)
{
    gp_buf source = {0};
    const gp_buf text = {.p = (char *)(uintptr_t)kernels, .n = strlen(kernels)};
    make_source(steps, exact, &text, &source);
    pthread_mutex_lock(&a->lock);
    const bool kept = a->device && (known(a, kernels, exact) || a->api->kept(a->device, &(gp_accel_source){source.p, headers, HEADERS}));
    pthread_mutex_unlock(&a->lock);
    gp_buf_free(&source);
    return kept;
}

gp_accel_status gp_accel_compile(gp_accel *a, const gp_fuse_steps *steps, bool exact, const gp_buf *kernels, gp_device_code **code)
{
    gp_buf source = {0};
    const double began = gp_accel_clock();
    make_source(steps, exact, kernels, &source);
    const gp_accel_source s = {source.p, headers, HEADERS};
    const gp_accel_status status = a->api->compile(a->device, &s, code);
    a->stats.compiled++;
    a->stats.compile_s += gp_accel_clock() - began;
    gp_buf_free(&source);
    if (status == GP_ACCEL_OK) gp_vec_push(&a->codes, *code);
    return status;
}

gp_ready *gp_accel_kernel(gp_accel *a, const char *text, bool exact, const gp_fuse_steps *steps, gp_accel_status *s)
{
    enum { MANY = 4096 };
    gp_ready *r = known(a, text, exact);
    *s = GP_ACCEL_OK;
    if (r) return r;
    if (a->kernels.n >= MANY) forget_kernels(a);
    gp_ready one = {.exact = exact};
    const gp_buf kernel = {.p = (char *)(uintptr_t)text, .n = strlen(text)};
    *s = gp_accel_compile(a, steps, exact, &kernel, &one.code);
    if (*s != GP_ACCEL_OK) return NULL;
    if (a->together) a->refusal[0] = 0, a->together = false;
    one.text = gp_xstrndup(text, strlen(text));
    snprintf(one.name, sizeof one.name, "%s", entry_name);
    gp_vec_push(&a->kernels, one);
    return &a->kernels.at[a->kernels.n - 1];
}

size_t gp_accel_shared(const gp_accel *a)
{
    enum { NARROWEST = 32 };
    const size_t room = a->about.shared_block / (NARROWEST * sizeof(double));
    return a->force.shared > 0 && (size_t)a->force.shared < room ? (size_t)a->force.shared : room;
}

/* Kernels that are to be compiled together. */
typedef struct batch { gp_fuse_steps steps; gp_buf text; GP_VEC(gp_ready) made; bool exact; } batch;

static void add_kernel(const gp_accel *a, const gp_program *p, bool cut, bool shared, batch *b)
{
    const size_t room = shared ? gp_accel_shared(a) : 0;
    gp_fuse_steps own = {0};
    gp_fused f;
    gp_buf text = {0};
    if (!gp_fuse_kernel(&p, 1, &(gp_fuse_opts){.name = entry_name, .cut = cut, .shared = room, .blocks = a->force.blocks}, &f, &own, &text)) return;
    gp_fused_fini(&f);
    bool there = known(a, text.p, b->exact) != NULL;
    for (size_t k = 0; k < b->made.n && !there; k++) there = strcmp(b->made.at[k].text, text.p) == 0; /* without long windows: the same with shared memory */
    if (there) {
        gp_buf_free(&text);
        return;
    }
    gp_ready one = {.text = text.p, .exact = b->exact};
    snprintf(one.name, sizeof one.name, "%s_%zu", entry_name, b->made.n);
    gp_fuse_kernel(&p, 1, &(gp_fuse_opts){.name = one.name, .cut = cut, .shared = room, .blocks = a->force.blocks}, &f, &b->steps, &b->text);
    gp_fused_fini(&f);
    gp_vec_push(&b->made, one);
}

static void prepare(gp_accel *a, const gp_program *const *programs, int n, bool exact)
{
    batch b = {.exact = exact};
    gp_device_code *code = NULL;
    for (int k = 0; k < n; k++) {
        if ((programs[k]->exact != NULL) != exact) continue;
        for (int v = 0; v < 4; v++)
            if ((!(v & 1) || a->force.span) && (!(v & 2) || a->force.shared > 0)) add_kernel(a, programs[k], v & 1, v & 2, &b);
    }
    const gp_accel_status s = b.made.n && a->device ? gp_accel_compile(a, &b.steps, exact, &b.text, &code) : GP_ACCEL_REFUSED;
    for (size_t k = 0; k < b.made.n; k++) {
        b.made.at[k].code = code;
        if (s == GP_ACCEL_OK) gp_vec_push(&a->kernels, b.made.at[k]);
        else free(b.made.at[k].text);
    }
    const bool own = a->refusal[0] && !a->together; /* of a kernel by itself */
    if (b.made.n && a->device) gp_accel_note(a, s);
    a->together = a->refusal[0] && !own;
    gp_vec_free(&b.made);
    gp_buf_free(&b.text);
}

void gp_accel_prepare(gp_accel *a, const gp_program *const *programs, int n)
{
    pthread_mutex_lock(&a->lock);
    for (int k = 0; k < n && a->device && !a->no_interpreter && a->kernels_of == GP_KERNELS_INTERPRETER; k++)
        gp_accel_interpreter(a, gp_interp_variant_of(programs[k]));
    for (int exact = 0; exact < 2 && a->device && a->kernels_of != GP_KERNELS_INTERPRETER; exact++) prepare(a, programs, n, exact);
    pthread_mutex_unlock(&a->lock);
}
