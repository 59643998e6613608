/* What the files of `goldpit test` share. */
#ifndef GP_CLI_TEST_H
#define GP_CLI_TEST_H
#include <stdarg.h>
#include "cli/table.h"
#include "parser/expect.h"

typedef struct tester {
    gp_cli *c;
    const char *path;            /* the formula being tested */
    char *folder, *written;      /* for the quotes of its cases, and the file there; NULL until needed */
    bool unwritten;              /* the quotes of this case could not be made; said already */
    int passed, failed;          /* expectations */
    int silent, unread, found;   /* files */
} tester;

/* Words of formulas and of the user: nothing raw to the terminal but line ends. */
void gp_test_put(const char *z);
/* One line FAIL file:line:column: ...; counts. */
void gp_test_fail(tester *t, gp_span at, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* The quotes of a case as a file, malloc'ed path; NULL with t->unwritten set after a FAIL line. */
char *gp_test_quotes(tester *t, const gp_expect_case *x);
/* Evaluates with the options in `one` and compares every GP_EXPECT_VALUES of the case. */
void gp_test_values(tester *t, const gp_expect_case *x, gp_cli *one);
/* Removes the quotes written. */
void gp_test_clean(tester *t);
#endif
