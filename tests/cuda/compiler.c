/* A run-time compiler for tests: the calls of NVRTC that the module makes.  The source goes to the C compiler ($CC or cc), with the headers
 * that came with it and no others of this project. */
#include "driver.h"
#include <errno.h>
#include <fcntl.h>
#include <nvrtc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

struct _nvrtcProgram { char *source, **name, **text; int n; char log[2000]; char *code; size_t bytes; };

nvrtcResult nvrtcVersion(int *major, int *minor)
{
    *major = mock_option("nvrtc") > 0 ? (int)mock_option("nvrtc") : 13;
    *minor = 0;
    return NVRTC_SUCCESS;
}
const char *nvrtcGetErrorString(nvrtcResult r) { return r == NVRTC_ERROR_COMPILATION ? "NVRTC_ERROR_COMPILATION" : "NVRTC_ERROR"; }
nvrtcResult nvrtcGetNumSupportedArchs(int *n) { *n = 3; return NVRTC_SUCCESS; }
nvrtcResult nvrtcGetSupportedArchs(int *a) { a[0] = 75, a[1] = 80, a[2] = 90; return NVRTC_SUCCESS; }

nvrtcResult nvrtcCreateProgram(nvrtcProgram *out, const char *source, const char *name, int n, const char *const *headers, const char *const *names)
{
    nvrtcProgram p = calloc(1, sizeof *p);
    (void)name;
    p->source = strdup(source);
    p->n = n;
    p->name = calloc((size_t)n + 1, sizeof *p->name);
    p->text = calloc((size_t)n + 1, sizeof *p->text);
    for (int k = 0; k < n; k++) p->name[k] = strdup(names[k]), p->text[k] = strdup(headers[k]);
    *out = p;
    return NVRTC_SUCCESS;
}

nvrtcResult nvrtcDestroyProgram(nvrtcProgram *out)
{
    nvrtcProgram p = *out;
    for (int k = 0; k < p->n; k++) free(p->name[k]), free(p->text[k]);
    free(p->name);
    free(p->text);
    free(p->source);
    free(p->code);
    free(p);
    *out = NULL;
    return NVRTC_SUCCESS;
}

static void put(const char *folder, const char *name, const char *text)
{
    char path[600];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    for (char *slash = strchr(path + strlen(folder) + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = 0;
        mkdir(path, 0700);
        *slash = '/';
    }
    FILE *f = fopen(path, "w");
    if (f) fputs(text, f), fclose(f);
}

static char *get(const char *folder, const char *name, size_t *n)
{
    char path[600];
    struct stat st;
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *f = fopen(path, "rb");
    if (!f || fstat(fileno(f), &st) != 0) return NULL;
    char *p = calloc((size_t)st.st_size + 1, 1);
    *n = fread(p, 1, (size_t)st.st_size, f);
    fclose(f);
    return p;
}

static int run(const char *folder, const char *log, const char *const *argv)
{
    const pid_t pid = fork();
    int status = 1;
    if (pid == 0) {
        const int fd = chdir(folder) == 0 ? open(log, O_WRONLY | O_CREAT | O_TRUNC, 0600) : -1;
        if (fd < 0) _exit(127);
        dup2(fd, 1);
        dup2(fd, 2);
        unsetenv("LD_PRELOAD");
        execvp(argv[0], (char *const *)(uintptr_t)argv);
        _exit(127);
    }
    while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR) continue;
    return status;
}

/* The functions whose last bit is the C library's have no place in a kernel. */
static int calls_libm(const char *folder, char *log, size_t room)
{
    static const char *const bad[] = {" U exp", " U log", " U pow", " U sin", " U cos", " U tan", " U asin", " U acos", " U atan", " U fma"};
    size_t n = 0;
    if (run(folder, "log", (const char *const[]){"nm", "-D", "-u", "kernel.so", NULL}) != 0) return 0; /* without nm it is not known */
    char *list = get(folder, "log", &n);
    int found = 0;
    for (size_t k = 0; list && k < sizeof bad / sizeof *bad; k++)
        if (strstr(list, bad[k])) snprintf(log, room, "it calls%s", bad[k] + 2), found = 1;
    free(list);
    return found;
}

static const char shim[] = "typedef struct { unsigned x, y, z; } mock_dim3;\nstatic mock_dim3 blockIdx, threadIdx, blockDim;\nstatic double *gp_shared;\n"
                           "void mock_share(double *p);\nvoid mock_share(double *p) { gp_shared = p; }\n"
                           "void mock_place(unsigned b, unsigned t, unsigned w);\n"
                           "void mock_place(unsigned b, unsigned t, unsigned w) { blockIdx.x = b, threadIdx.x = t, blockDim.x = w; }\n"
                           "unsigned (*mock_warp)(int, unsigned, unsigned, int);\n"
                           "#define __activemask() mock_warp(0, 0, 0, 0)\n"
                           "#define __match_any_sync(m, x) mock_warp(1, m, x, 0)\n"
                           "#define __ballot_sync(m, x) mock_warp(2, m, (x) != 0, 0)\n"
                           "#define __shfl_sync(m, x, l) mock_warp(3, m, (unsigned)(x), l)\n"
                           "#define __reduce_add_sync(m, x) mock_warp(4, m, x, 0)\n"
                           "#define __popc(x) __builtin_popcount(x)\n"
                           "#define __ffs(x) __builtin_ffs(x)\n"
                           "#define atomicAdd(p, x) (*(p) += (x))\n";

nvrtcResult nvrtcCompileProgram(nvrtcProgram p, int n, const char *const *options)
{
    char folder[] = P_tmpdir "/goldpit-mock-XXXXXX";
    const char *cc = getenv("CC") && *getenv("CC") ? getenv("CC") : "cc", *how = mock_text("compile");
    int exact = 0, level = 90;
    char arch[40];
    for (int k = 0; k < n; k++) exact |= strcmp(options[k], "--fmad=false") == 0, sscanf(options[k], "--gpu-architecture=sm_%d", &level);
    snprintf(arch, sizeof arch, "-D__CUDA_ARCH__=%d0", level);
    if (!exact || (how && (strcmp(how, "fail") == 0 || (strcmp(how, "many") == 0 && strstr(p->source, "goldpit_1("))))) {
        snprintf(p->log, sizeof p->log, "goldpit.cu(1): error: the mock was told to fail\n");
        return NVRTC_ERROR_COMPILATION;
    }
    if (!mkdtemp(folder)) return NVRTC_ERROR_OUT_OF_MEMORY;
    for (int k = 0; k < p->n; k++)
        if (strchr(p->name[k], '/')) put(folder, p->name[k], p->text[k]); /* stdint.h and its kin are the compiler's own here */
    put(folder, "shim.h", shim);
    put(folder, "kernel.c", p->source);
    const char *const argv[] = {cc, "-std=gnu11", "-O0", "-ffp-contract=off", "-w", "-fPIC", "-shared", "-DGP_FUSED_THREADS", arch, "-include", "shim.h",
                                "-I", ".", "-o", "kernel.so", "kernel.c", "-lm", NULL};
    int bad = run(folder, "log", argv);
    size_t bytes = 0;
    char *log = bad ? get(folder, "log", &bytes) : NULL;
    if (bad) snprintf(p->log, sizeof p->log, "%.1900s", log ? log : "the C compiler does not run");
    else bad = calls_libm(folder, p->log, sizeof p->log);
    char *library = bad ? NULL : get(folder, "kernel.so", &bytes);
    if (library) {
        const mock_head h = {MOCK_MARK, bytes};
        p->bytes = sizeof h + bytes;
        p->code = malloc(p->bytes);
        memcpy(p->code, &h, sizeof h);
        memcpy(p->code + sizeof h, library, bytes);
    }
    free(library);
    free(log);
    run("/tmp", "/dev/null", (const char *const[]){"rm", "-rf", folder, NULL});
    return p->code ? NVRTC_SUCCESS : NVRTC_ERROR_COMPILATION;
}

nvrtcResult nvrtcGetCUBINSize(nvrtcProgram p, size_t *n) { *n = p->bytes; return NVRTC_SUCCESS; }
nvrtcResult nvrtcGetCUBIN(nvrtcProgram p, char *to) { memcpy(to, p->code, p->bytes); return NVRTC_SUCCESS; }
nvrtcResult nvrtcGetPTXSize(nvrtcProgram p, size_t *n) { return nvrtcGetCUBINSize(p, n); }
nvrtcResult nvrtcGetPTX(nvrtcProgram p, char *to) { return nvrtcGetCUBIN(p, to); }
nvrtcResult nvrtcGetProgramLogSize(nvrtcProgram p, size_t *n) { *n = strlen(p->log) + 1; return NVRTC_SUCCESS; }
nvrtcResult nvrtcGetProgramLog(nvrtcProgram p, char *to) { strcpy(to, p->log); return NVRTC_SUCCESS; }
