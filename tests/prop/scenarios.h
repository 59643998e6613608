/* Of prop_accel.c: what a device may do, too little memory, none at all, a failure in the middle, several threads that ask. */
#ifndef GP_TESTS_SCENARIOS_H
#define GP_TESTS_SCENARIOS_H

static item *sweep_item;
static char cache[64];

static void clear_cache(void)
{
    char command[128];
    snprintf(command, sizeof command, "rm -rf '%s/goldpit'", cache);
    if (system(command) != 0) printf("FAIL cache: cannot be cleared\n"), failed++;
}

/* Runs the sweep under `mock`; what the device says has to contain `says`, and lanes run where they should: 'd' all on the device, 'h' none,
 * 'b' some. */
static void scenario(const char *mock, const char *says, char where, bool ready)
{
    char detail[900] = "";
    const gp_program *const *sets = (const gp_program *const *)sweep_item->set;
    setenv("GOLDPIT_MOCK", mock, 1);
    gp_accel *a = open_with(kernels);
    if (gp_accel_ready(a) != ready && !strstr(mock, "fail=")) snprintf(detail, sizeof detail, "ready %d: %s", gp_accel_ready(a), gp_accel_said(a));
    gp_accel_market *m = gp_accel_market_new(a, sets, sweep_item->n_sets, lanes, TICKERS);
    result r = new_result(sets, sweep_item->n_sets, lanes);
    const gp_accel_want want = want_of(&r);
    for (int twice = 0; twice < 2 && !*detail; twice++) {
        for (int k = 0; k < r.slots[0] * TICKERS; k++) r.hash[0][k] = 0;
        gp_accel_run(a, m, sets, sweep_item->n_sets, &want);
        compare(sets, &r, detail, sizeof detail);
    }
    const gp_accel_stats s = gp_accel_counts(a);
    const bool placed = where == 'd' ? s.host == 0 && s.device > 0 : where == 'h' ? s.device == 0 : s.device > 0 && s.host > 0;
    if (!*detail && !placed) snprintf(detail, sizeof detail, "%zu lanes on the device, %zu on the processor", s.device, s.host);
    if (!*detail && !strstr(gp_accel_said(a), says) && !(gp_accel_refusal(a) && strstr(gp_accel_refusal(a), says)))
        snprintf(detail, sizeof detail, "says: %s; %s", gp_accel_said(a), gp_accel_refusal(a) ? gp_accel_refusal(a) : "-");
    if (!*detail && strstr(mock, "memory=") && where == 'd' && s.smaller == 0 && s.launches <= 2) snprintf(detail, sizeof detail, "memory was not short");
    report(!*detail, kernels, mock, detail);
    free_result(&r);
    gp_accel_market_free(m);
    gp_accel_close(a);
    unsetenv("GOLDPIT_MOCK");
}

static void scenario_with(const char *variable, const char *value, const char *says)
{
    char *own = getenv(variable) ? copy(getenv(variable)) : NULL;
    setenv(variable, value, 1);
    scenario("", says, 'h', false);
    if (own) setenv(variable, own, 1);
    else unsetenv(variable);
    free(own);
}

static void damage_cache(void)
{
    char command[200];
    snprintf(command, sizeof command, "for f in '%s'/goldpit/*; do printf X | dd of=\"$f\" bs=1 seek=5000 conv=notrunc 2>/dev/null; done", cache);
    if (system(command) != 0) printf("FAIL cache: cannot be damaged\n"), failed++;
}

/* Kernels that compile one by one although not together are no reason for anything. */
static void prepared(void)
{
    const gp_program *some[8];
    const char *why;
    int n = 0;
    for (size_t k = MAX_SETS; k < items.n && n < 8; k++)
        if (items.at[k].n_sets == 1 && gp_fuse_can(items.at[k].set[0], &why)) some[n++] = items.at[k].set[0];
    setenv("GOLDPIT_MOCK", "compile=many", 1);
    gp_accel *a = open_with("fused");
    gp_accel_prepare(a, some, n);
    report(gp_accel_refusal(a) && strstr(gp_accel_refusal(a), "told to fail"), "prepare", "together", gp_accel_refusal(a) ? gp_accel_refusal(a) : "nothing is said");
    gp_accel_market *m = gp_accel_market_new(a, some, 1, lanes, TICKERS);
    result r = new_result(some, 1, lanes);
    const gp_accel_want want = want_of(&r);
    gp_accel_run(a, m, some, 1, &want);
    report(gp_accel_counts(a).device == TICKERS && !gp_accel_refusal(a), "prepare", "one by one", gp_accel_refusal(a) ? gp_accel_refusal(a) : "not on the device");
    free_result(&r);
    gp_accel_market_free(m);
    gp_accel_close(a);
    unsetenv("GOLDPIT_MOCK");
    clear_cache();
    setenv("GOLDPIT_MOCK", "", 1);
    a = open_with("fused");
    const gp_program *const twins[] = {some[0], some[0], some[0]};
    gp_accel_prepare(a, twins, 3);
    report(gp_accel_counts(a).compiled == 1 && a->kernels.n == 1, "prepare", "twins", "a kernel is made more than once");
    gp_accel_close(a);
    unsetenv("GOLDPIT_MOCK");
    clear_cache();
}

static void scenarios(void)
{
    static const char *const memories[] = {"memory=250000", "memory=160000", "memory=90000", "memory=60000"};
    char words[200];
    clear_cache();
    scenario("devices=1", "mock device", 'd', true);
    scenario("compile=fail", "mock device", 'd', true);  /* the kernel is in the cache */
    damage_cache();
    scenario("compile=fail", "told to fail", 'h', true); /* nobody runs a damaged one */
    clear_cache();
    scenario("devices=1", "mock device", 'd', true);
    scenario("load=1", "mock device", 'd', true);              /* what is kept is of another driver: compiled again */
    scenario("load=1 compile=fail", "told to fail", 'h', true);
    scenario("compile=fail", "told to fail", 'h', true);       /* it was not left there */
    scenario("devices=1", "mock device", 'd', true);
    scenario("binary=1", "running a kernel: the mock says no", 'h', true); /* the driver says so when it is asked for the kernel */
    scenario("compile=fail", "told to fail", 'h', true);
    scenario("devices=1", "mock device", 'd', true);
    prepared();
    scenario("devices=0", "finds no GPU", 'h', false);
    scenario("version=11040", "CUDA 11.4; 12.0 is needed", 'h', false);
    scenario("nvrtc=14", "NVRTC 14.0 is newer", 'h', false);
    scenario("init=999", "the NVIDIA driver says", 'h', false);
    scenario("threads=40", "mock device", 'd', true);
    for (size_t k = 0; k < sizeof memories / sizeof *memories; k++) {
        scenario(memories[k], "mock device", 'd', true);
        snprintf(words, sizeof words, "%s left=100000000", memories[k]); /* more is promised than there is */
        scenario(words, "mock device", 'd', true);
        snprintf(words, sizeof words, "%s fail=%d", memories[k], 1 + (int)k);
        scenario(words, "the GPU failed, running a kernel: unspecified launch failure", 'b', true);
    }
    scenario("memory=1000", "mock device", 'h', true);
    scenario("fail=0", "the GPU failed", 'h', true);
    scenario_with("GOLDPIT_CUDA_DRIVER", "/nowhere/libcuda.so.1", "no NVIDIA driver");
    scenario_with("GOLDPIT_NVRTC", "/nowhere/libnvrtc.so", "no run-time compiler");
    scenario_with("GOLDPIT_CUDA_MODULE", "/nowhere/goldpit-cuda.so", "there is no module");
    scenario_with("GOLDPIT_CUDA_MODULE", getenv("GOLDPIT_CUDA_DRIVER"), "another version");
}

/* The interpreter: lanes in whole warps, programs of different size in one launch. */
static void scenarios_interpreted(void)
{
    static const char *const memories[] = {"memory=300000", "memory=200000", "memory=150000", "memory=140000"};
    char words[200];
    kernels = "interpreter";
    damage_cache();
    scenario("compile=fail", "told to fail", 'h', true);
    scenario("threads=40", "mock device", 'd', true);
    for (size_t k = 0; k < sizeof memories / sizeof *memories; k++) {
        scenario(memories[k], "mock device", 'd', true);
        snprintf(words, sizeof words, "%s left=100000000", memories[k]);
        scenario(words, "mock device", 'd', true);
        snprintf(words, sizeof words, "%s fail=%d", memories[k], 1 + (int)k);
        scenario(words, "the GPU failed, running a kernel: unspecified launch failure", 'b', true);
    }
    scenario("memory=1000", "mock device", 'h', true);
    scenario("fail=0", "the GPU failed", 'h', true);
}

/* Who takes what: a kernel of its own or the interpreter. */
static void took(gp_accel *a, const char *what, const gp_program *const *sets, int n, bool interpreted)
{
    char detail[100] = "";
    gp_accel_market *m = gp_accel_market_new(a, sets, n, lanes, TICKERS);
    result r = new_result(sets, n, lanes);
    const gp_accel_want want = want_of(&r);
    const gp_accel_stats was = gp_accel_counts(a);
    gp_accel_run(a, m, sets, n, &want);
    const gp_accel_stats s = gp_accel_counts(a);
    const size_t all = s.device - was.device, those = s.interpreted - was.interpreted;
    compare(sets, &r, detail, sizeof detail);
    if (!*detail && (all != (size_t)n * TICKERS || those != (interpreted ? all : 0))) snprintf(detail, sizeof detail, "%zu lanes, %zu by the interpreter", all, those);
    report(!*detail, "choice", what, detail);
    free_result(&r);
    gp_accel_market_free(m);
}

static void choices(void)
{
    const gp_program *some[64];
    const char *why;
    int n = 0;
    for (size_t k = MAX_SETS; k < items.n && n < 64; k++) {
        const gp_program *p = items.at[k].set[0];
        bool other = gp_fuse_can(p, &why) && gp_interp_variant_of(p) == 0;
        for (int j = 0; j < n && other; j++) other = !gp_fuse_same(some[j], p);
        if (other) some[n++] = p;
    }
    clear_cache();
    unsetenv("GOLDPIT_KERNEL");
    gp_accel *a = gp_accel_open();
    took(a, "one formula", (const gp_program *const *)sweep_item->set, 2, false);
    took(a, "as many as take longer than the interpreter", some, n, true);
    took(a, "what has a kernel", (const gp_program *const *)sweep_item->set, 2, false);
    gp_accel_close(a);
    a = gp_accel_open();
    took(a, "one formula, the interpreter being there", some, 1, true);
    took(a, "what has a kernel, the interpreter being there", (const gp_program *const *)sweep_item->set, 2, false);
    gp_accel_close(a);
    report(n >= 33, "choice", "enough formulas", "too few");
}

/* One ticker and many sets: where memory is short only fewer sets at a time help. */
static void many_sets(void)
{
    enum { SETS = 100, ROOM = 8 };
    const gp_program *sets[SETS];
    uint64_t room[SETS][ROOM], want[MAX_SETS][ROOM], *hash[SETS];
    char detail[200] = "";
    const size_t bytes = (size_t)gp_program_n_slots(sweep_item->set[0]) * sizeof(uint64_t);
    for (int s = 0; s < SETS; s++) sets[s] = sweep_item->set[s % MAX_SETS], hash[s] = room[s];
    gp_accel *const none = gp_accel_open_none();
    setenv("GOLDPIT_MOCK", "memory=180000 left=100000000", 1);
    gp_accel *const a = gp_accel_open();
    for (int k = 0; k < 2 && bytes <= sizeof room[0]; k++) {
        gp_accel_market *m = gp_accel_market_new(k ? a : none, sets, MAX_SETS, lanes, 1);
        gp_accel_run(k ? a : none, m, sets, SETS, &(gp_accel_want){.hash = hash});
        for (int s = 0; s < SETS; s++) {
            if (k == 0 && s < MAX_SETS) memcpy(want[s], room[s], bytes);
            if (memcmp(room[s], want[s % MAX_SETS], bytes) != 0) snprintf(detail, sizeof detail, "set %d differs", s);
            memset(room[s], 0, sizeof room[s]);
        }
        gp_accel_market_free(m);
    }
    const gp_accel_stats s = gp_accel_counts(a);
    if (!*detail && (s.host || s.device != SETS || s.launches < 2 || !s.smaller))
        snprintf(detail, sizeof detail, "%zu lanes on the device in %zu launches, %zu on the processor", s.device, s.launches, s.host);
    report(!*detail, "many sets", "of one ticker", detail);
    gp_accel_close(a);
    gp_accel_close(none);
    unsetenv("GOLDPIT_MOCK");
}

/* ---- what a device costs, and who decides by it ---- */

enum { MEASURED_BYTES = 128 * 1024 * 4 * 8 }; /* bytes that go there: of high, low, close and volume */

static gp_accel_costs measured(const char *mock)
{
    gp_accel_costs c = {0};
    setenv("GOLDPIT_MOCK", mock, 1);
    gp_accel *const a = gp_accel_open();
    const bool good = gp_accel_measure(a, &c);
    report(good && c.open > 0 && c.compile > 2 * c.load && c.load > 0 && c.run > 0 && c.upload > 0 && c.download > 0 && c.full > 0 && c.alone >= 64 * c.full,
           "measured", mock, "a cost is missing, or beyond belief");
    gp_accel_close(a);
    return c;
}

/* Whether the device is taken, and what is said. */
static gp_accel *decided(const char *mock, double host_s, bool device, const char *says, gp_accel_decision *d)
{
    const gp_program *const *sets = (const gp_program *const *)sweep_item->set;
    const gp_accel_task t = {.sets = sets, .n_sets = sweep_item->n_sets, .tickers = TICKERS, .bars = TICKERS * BARS, .longest = BARS, .host_s = host_s};
    setenv("GOLDPIT_MOCK", mock, 1);
    gp_accel *const a = gp_accel_decide(&t, d);
    report((a != NULL) == device && d->device == device && gp_accel_ready(a) == device && strstr(d->why, says), "decided", mock, d->why);
    return a;
}

static void costs(void)
{
    gp_accel_decision d;
    gp_accel_costs c;
    clear_cache();
    bool slower = false, full = false, warm = false;
    for (int tries = 0; tries < 3 && !(slower && full && warm); tries++) { /* of a busy machine one measurement says little */
        const gp_accel_costs quick = measured("first=300000"), slow = measured("slow=400000");
        slower = slow.alone > 1.5 * quick.alone && slow.full > 1.2 * quick.full;
        full = slow.alone > 160 * slow.full;             /* by more lanes than the 128 of one set, though these take long */
        warm = quick.upload * MEASURED_BYTES < 0.2;    /* the first launch is no upload */
    }
    report(slower, "measured", "a slow device", "is not slower");
    report(full, "measured", "a slow device", "is not filled");
    report(warm, "measured", "the first launch", "is taken for copying");
    clear_cache();
    decided("", 0.1, false, "no GPU is opened for less than 1 s", &d);
    decided("devices=0", 100, false, "finds no GPU", &d);
    decided("fail=2", 100, false, "the GPU failed", &d);
    decided("compile=fail", 100, false, "the GPU cannot be measured: the kernel does not compile", &d);
    report(!gp_accel_costs_read(&c), "costs", "of a device that fails", "are kept");
    gp_accel *a = decided("", 100, true, "processor 100.00 s, GPU ", &d);
    report(gp_accel_costs_read(&c) && strcmp(c.device, "mock device") == 0 && strcmp(c.driver, "CUDA 13.0") == 0, "costs", "of the device", "are not kept");
    report(d.compile_s > 0.9 * c.compile && d.open_s == 0, "costs", "of a kernel that is new", d.why);
    gp_accel_market *m = gp_accel_market_new(a, (const gp_program *const *)sweep_item->set, sweep_item->n_sets, lanes, TICKERS);
    result r = new_result((const gp_program *const *)sweep_item->set, sweep_item->n_sets, lanes);
    const gp_accel_want want = want_of(&r);
    gp_accel_run(a, m, (const gp_program *const *)sweep_item->set, sweep_item->n_sets, &want);
    free_result(&r);
    gp_accel_market_free(m);
    gp_accel_close(a);
    gp_accel_close(decided("", 100, true, "processor 100.00 s, GPU ", &d));
    report(d.compile_s < 0.5 * c.compile, "costs", "of a kernel that is kept", d.why);
    decided("", 1e-3, false, ", of which ", &d);
    report(d.open_s > 0, "decided", "what is kept says it before anything is opened", d.why);
    gp_accel_close(decided("version=13010", 100, true, "processor 100.00 s, GPU ", &d)); /* another driver */
    report(gp_accel_costs_read(&c) && strcmp(c.driver, "CUDA 13.1") == 0, "costs", "of another driver", c.driver);
    c.full = c.alone = 1e6;
    gp_accel_costs_write(&c);
    decided("version=13010", 5, false, "of which kernels", &d);
    unsetenv("GOLDPIT_MOCK");
}

/* Several threads ask one device. */
static void *ask(void *ctx)
{
    gp_accel *a = ctx;
    char *detail = gp_xcalloc(1, 300);
    const gp_program *const *sets = (const gp_program *const *)sweep_item->set;
    for (int k = 0; k < 3 && !*detail; k++) {
        gp_accel_market *m = gp_accel_market_new(a, sets, sweep_item->n_sets, lanes, TICKERS);
        result r = new_result(sets, sweep_item->n_sets, lanes);
        const gp_accel_want want = want_of(&r);
        gp_accel_run(a, m, sets, sweep_item->n_sets, &want);
        compare(sets, &r, detail, 300);
        free_result(&r);
        gp_accel_market_free(m);
    }
    return detail;
}

static void threads(void)
{
    enum { N = 4 };
    pthread_t id[N];
    setenv("GOLDPIT_MOCK", "memory=500000", 1);
    gp_accel *a = open_with(kernels);
    for (int k = 0; k < N; k++) pthread_create(&id[k], NULL, ask, a);
    for (int k = 0; k < N; k++) {
        void *detail;
        pthread_join(id[k], &detail);
        report(!*(char *)detail, "threads", "of one device", detail);
        free(detail);
    }
    gp_accel_close(a);
    unsetenv("GOLDPIT_MOCK");
}
#endif
