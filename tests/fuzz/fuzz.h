/* What the fuzz targets share.  A target is one file: LLVMFuzzerTestOneInput, run by tests/run-fuzzers. */
#ifndef FUZZ_H
#define FUZZ_H
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/diag.h"
#include "parser/library.h"
#include "parser/parser.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

/* A property that does not hold is a crash like any other. */
#define FUZZ_CHECK(holds, ...)             \
    do {                                   \
        if (!(holds)) {                    \
            fprintf(stderr, __VA_ARGS__);  \
            fputc('\n', stderr);           \
            abort();                       \
        }                                  \
    } while (0)

/* Formulas to refer to: good ones, a broken one, two that refer to each other. */
static inline bool fuzz_library_find(void *ctx, gp_str name, gp_buf *text, gp_buf *shown)
{
    static const char *const all[][2] = {
        {"MACD", "{@param SHORT 12 2 200}{@param LONG 26 2 200}{@param MID 9 2 200}DIF:EMA(CLOSE,SHORT)-EMA(CLOSE,LONG);"
                 "DEA:EMA(DIF,MID);MACD:(DIF-DEA)*2,COLORSTICK;"},
        {"KDJ", "{@param N 9}{@param M1 3}RSV:=(C-LLV(L,N))/(HHV(H,N)-LLV(L,N))*100;K:SMA(RSV,M1,1);D:SMA(K,3,1);J:3*K-2*D;"},
        {"AA", "X:\"BB.X\"+1;"},
        {"BB", "X:\"AA.X\"+1;"},
        {"CC", "X:MA(,3);"},
        {"DD", "X:\"MACD.DIF\"(3,5,2)#WEEK;Y:\"SH000001$CLOSE\";Z:ZIG(3,5);"},
    };
    (void)ctx;
    for (size_t k = 0; k < sizeof all / sizeof *all; k++)
        if (gp_str_ieqz(name, all[k][0])) {
            gp_buf_addz(text, all[k][1]);
            gp_buf_addz(shown, all[k][0]);
            return true;
        }
    return false;
}

/* Renders everything that was reported, as a user would see it. */
static inline void fuzz_render(const gp_diags *d)
{
    gp_buf out = {0};
    for (size_t k = 0; k < d->n; k++) {
        gp_diag_render_text(&d->at[k], k % 2, &out);
        gp_diag_render_json(&d->at[k], &out);
    }
    gp_buf_free(&out);
}
#endif
