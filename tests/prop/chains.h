/* Random expressions full of what the compiler rewrites.  Whoever includes this defines CHAIN_RANDOM(below). */
#ifndef GP_TESTS_CHAINS_H
#define GP_TESTS_CHAINS_H
#include "base/str.h"

static void add_series(gp_buf *out)
{
    static const char *const of[] = {"C", "H", "L", "L", "H", "V", "C-O", "MA(C,3)", "IF(C>O,C,DRAWNULL)", "REF(L,2)", "V*V*1E20"};
    gp_buf_addz(out, of[CHAIN_RANDOM(sizeof of / sizeof *of)]);
}

static void add_constant(gp_buf *out)
{
    if (CHAIN_RANDOM(6) == 0)
        gp_buf_printf(out, "%d", (int)CHAIN_RANDOM(100000) - 20);
    else
        gp_buf_printf(out, "%.2f", CHAIN_RANDOM(4000) / 100.0);
}

static void add_condition(gp_buf *out)
{
    static const char *const sign[] = {"<", "<=", ">", ">=", "="};
    switch (CHAIN_RANDOM(4)) {
    case 0: gp_buf_addz(out, "CROSS("), add_series(out), gp_buf_addc(out, ','), add_constant(out), gp_buf_addc(out, ')'); break;
    case 1:
        gp_buf_addz(out, "LONGCROSS("), add_series(out), gp_buf_addc(out, ','), add_constant(out);
        gp_buf_printf(out, ",%d)", (int)CHAIN_RANDOM(6));
        break;
    default: add_series(out), gp_buf_addz(out, sign[CHAIN_RANDOM(5)]), CHAIN_RANDOM(5) ? add_constant(out) : add_series(out); break;
    }
}

static void add_expression(gp_buf *out)
{
    const int n = 1 + (int)CHAIN_RANDOM(60), m = 1 + (int)CHAIN_RANDOM(60);
    switch (CHAIN_RANDOM(12)) {
    case 9: add_series(out), gp_buf_printf(out, "%sREF(C,%d)", CHAIN_RANDOM(2) ? ">" : "<", n); break;
    case 10: gp_buf_printf(out, "C%sREF(C,%d) AND H<REF(H,%d)", CHAIN_RANDOM(2) ? ">" : "<", n, (int)CHAIN_RANDOM(700)); break; /* also beyond all bars there are */
    case 11: add_series(out), gp_buf_printf(out, "+%d*", m), add_series(out); break;
    case 8: gp_buf_addz(out, "SMA("), add_series(out), gp_buf_printf(out, ",%d,%d)<0", (int)CHAIN_RANDOM(7), (int)CHAIN_RANDOM(10) - 4); break;
    case 0: gp_buf_addz(out, "HHV(H,"), gp_buf_printf(out, "%d)", n); break;
    case 1: gp_buf_addz(out, "LLV(L,"), gp_buf_printf(out, "%d)", n); break;
    case 2: gp_buf_addz(out, CHAIN_RANDOM(2) ? "HHV(" : "LLV("), add_series(out), gp_buf_printf(out, ",%d)", n); break;
    case 3: gp_buf_printf(out, "(C-LLV(L,%d))/(HHV(H,%d)-LLV(L,%d))*100", n, m, n); break;
    case 4: gp_buf_printf(out, "-100*(HHV(H,%d)-C)/(HHV(H,%d)-LLV(L,%d))", n, n, m); break;
    case 5: gp_buf_printf(out, "SMA(SMA((C-LLV(L,%d))/(HHV(H,%d)-LLV(L,%d))*100,3,1),3,1)+3*STD(C,%d)", n, n, n, m); break;
    case 6: add_condition(out), gp_buf_addz(out, CHAIN_RANDOM(2) ? " AND " : " OR "), add_condition(out); break;
    default: add_condition(out); break;
    }
}
#endif
