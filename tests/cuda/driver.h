/* The mock's own state, shared by its two halves. */
#ifndef GP_TESTS_CUDA_DRIVER_H
#define GP_TESTS_CUDA_DRIVER_H
#include <stdint.h>

/* $GOLDPIT_MOCK: "devices=1 version=13000 memory=1000000 fail=3 left=N log=FILE compile=fail slow=MICROSECONDS"; a word that is not there: -1. */
long long mock_option(const char *word);
const char *mock_text(const char *word); /* up to the next blank; NULL: not there.  Valid until the next call. */

/* What the mock's compiler hands to its driver: a shared library behind this head. */
#define MOCK_MARK "GPMOCK1"
typedef struct mock_head { char mark[8]; uint64_t bytes; } mock_head;
#endif
