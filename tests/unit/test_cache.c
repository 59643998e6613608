/* The folder of compiled kernels: what is read again, and what goes when there is too much. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <pthread.h>
#include "cuda/cache.c" /* of the module, with which nothing is linked */
#include "temp_folder.h"

static const char *name_of(int k)
{
    static char name[GP_ACCEL_NAME];
    snprintf(name, sizeof name, "goldpit/%032x.kernel", (unsigned)k);
    return name;
}

/* A file of that size, last used so many seconds ago. */
static void put(const char *name, size_t bytes, int ago)
{
    FILE *f = fopen(in_folder(name), "wb");
    assert_non_null(f);
    for (size_t k = 0; k < bytes; k++) fputc('x', f);
    fclose(f);
    const struct timespec t[2] = {{.tv_sec = time(NULL) - ago}, {.tv_sec = time(NULL) - ago}};
    assert_int_equal(utimensat(AT_FDCWD, in_folder(name), t, 0), 0);
}

static bool there(const char *name) { return access(in_folder(name), F_OK) == 0; }

static void use_folder(void)
{
    char command[200];
    snprintf(command, sizeof command, "rm -rf '%s/goldpit' && mkdir '%s/goldpit'", folder, folder);
    assert_int_equal(system(command), 0);
    setenv("XDG_CACHE_HOME", folder, 1);
}

static void test_reads_what_was_written(void **state)
{
    const gp_key key = {1, 2}, other = {1, 3};
    size_t n = 0;
    (void)state;
    use_folder();
    assert_false(gp_cache_has(key));
    gp_cache_write(key, "kernel", 6);
    assert_true(gp_cache_has(key));
    char *p = gp_cache_read(key, &n);
    assert_non_null(p);
    assert_int_equal(n, 6);
    assert_string_equal(p, "kernel");
    free(p);
    assert_null(gp_cache_read(other, &n));
}

static void test_keeps_what_was_used(void **state)
{
    size_t n = 0;
    const gp_key old = {0, 5}; /* name_of(5) */
    (void)state;
    use_folder();
    gp_cache_write(old, "kernel", 6);
    for (int k = 10; k < 20; k++) put(name_of(k), 100, 1000 * k);
    const struct timespec t[2] = {{.tv_sec = 1}, {.tv_sec = 1}};
    assert_int_equal(utimensat(AT_FDCWD, in_folder(name_of(5)), t, 0), 0);
    free(gp_cache_read(old, &n)); /* the oldest by far, but used now */
    gp_cache_prune(in_folder("goldpit"), GP_CACHE_BYTES, 8);
    assert_true(there(name_of(5)));
    for (int k = 10; k < 20; k++) assert_int_equal(there(name_of(k)), k < 15); /* six of eight stay */
}

static void test_bytes(void **state)
{
    (void)state;
    use_folder();
    for (int k = 0; k < 10; k++) put(name_of(k), 1000, 10 * k);
    gp_cache_prune(in_folder("goldpit"), 10000, 100);
    for (int k = 0; k < 10; k++) assert_true(there(name_of(k)));
    gp_cache_prune(in_folder("goldpit"), 9999, 100);
    for (int k = 0; k < 10; k++) assert_int_equal(there(name_of(k)), k < 7);
}

static void test_leaves_what_is_not_its_own(void **state)
{
    static const char *const others[] = {"goldpit/costs", "goldpit/kernel", "goldpit/.kernel", "goldpit/0123456789abcdef0123456789abcde.kernel",
                                         "goldpit/0123456789ABCDEF0123456789abcdef.kernel", "goldpit/0123456789abcdef0123456789abcdef.kernels",
                                         "goldpit/0123456789abcdef0123456789abcdef.kernel.1234567", "goldpit/x0123456789abcdef0123456789abcdef.kernel"};
    static const char fresh[] = "goldpit/0123456789abcdef0123456789abcdef.kernel.abcdef", stale[] = "goldpit/0123456789abcdef0123456789abcdee.kernel.abcdef";
    (void)state;
    use_folder();
    for (size_t k = 0; k < sizeof others / sizeof *others; k++) put(others[k], 100, 1000000);
    put(fresh, 100, 60);
    put(stale, 100, 1000000);
    assert_int_equal(mkdir(in_folder(name_of(1)), 0700), 0);
    assert_int_equal(symlink("costs", in_folder(name_of(2))), 0);
    put(name_of(3), 100, 10);
    gp_cache_prune(in_folder("goldpit"), 0, 0);
    for (size_t k = 0; k < sizeof others / sizeof *others; k++) assert_true(there(others[k]));
    assert_true(there(name_of(1)) && there(name_of(2)) && there(fresh));
    assert_false(there(stale) || there(name_of(3)));
    gp_cache_prune(in_folder("nowhere"), 0, 0);
}

static void *prune(void *path)
{
    gp_cache_prune(path, 5000, 100);
    return NULL;
}

static void test_several_at_once(void **state)
{
    enum { N = 4 };
    pthread_t id[N];
    char path[160];
    (void)state;
    use_folder();
    for (int k = 0; k < 200; k++) put(name_of(k), 100, k);
    snprintf(path, sizeof path, "%s", in_folder("goldpit"));
    for (int k = 0; k < N; k++) assert_int_equal(pthread_create(&id[k], NULL, prune, path), 0);
    for (int k = 0; k < N; k++) pthread_join(id[k], NULL);
    for (int k = 0; k < 200; k++) assert_int_equal(there(name_of(k)), k < 37);
}

static void test_a_write_sees_to_it(void **state)
{
    (void)state;
    use_folder();
    for (int k = 0; k < 5; k++) put(name_of(k), 10, 100 + k);
    assert_int_equal(truncate(in_folder(name_of(4)), (off_t)GP_CACHE_BYTES), 0); /* takes no room on the disk */
    const struct timespec t[2] = {{.tv_sec = 1}, {.tv_sec = 1}};
    assert_int_equal(utimensat(AT_FDCWD, in_folder(name_of(4)), t, 0), 0);
    for (unsigned k = 0; k < AGAIN; k++) gp_cache_write((gp_key){9, k}, "kernel", 6);
    assert_false(there(name_of(4)));
    assert_true(there(name_of(3)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_reads_what_was_written), cmocka_unit_test(test_keeps_what_was_used), cmocka_unit_test(test_bytes),
                                       cmocka_unit_test(test_leaves_what_is_not_its_own), cmocka_unit_test(test_several_at_once),
                                       cmocka_unit_test(test_a_write_sees_to_it)};
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
