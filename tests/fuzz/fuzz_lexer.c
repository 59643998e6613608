/* Bytes in any encoding -> source -> tokens. */
#include "fuzz.h"
#include "lexer/lexer.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
    gp_arena arena = {0};
    gp_diags d = {0};
    const gp_source *src = gp_source_new(&arena, "fuzz", (const char *)p, n, GP_ENC_AUTO, &d);
    gp_lexer lx;
    gp_lexer_init(&lx, src, &arena, &d);
    uint32_t at = 0;
    size_t tokens = 0;
    for (;;) {
        const gp_token t = gp_lexer_next(&lx);
        FUZZ_CHECK(t.span.at >= at && t.span.at + t.span.n <= src->text.n, "a token at %u..%u after %u, text of %zu", t.span.at,
                   t.span.at + t.span.n, at, src->text.n);
        at = t.span.at + t.span.n;
        FUZZ_CHECK(++tokens <= src->text.n + 1, "more tokens than bytes");
        gp_token_name(t.kind);
        if (t.kind == GP_T_END) break;
    }
    FUZZ_CHECK(gp_lexer_next(&lx).kind == GP_T_END, "a token after the end");
    for (size_t k = 0; k < lx.comments.n; k++) gp_comment_text(lx.comments.at[k]);
    gp_lexer_fini(&lx);
    fuzz_render(&d);
    gp_diags_fini(&d);
    gp_arena_fini(&arena);
    return 0;
}
