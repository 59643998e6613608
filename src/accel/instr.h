/* Programs as the interpreter kernel (interp.h) reads them: written by table.c, and part of the kernel's source. */
#ifndef GP_ACCEL_INSTR_H
#define GP_ACCEL_INSTR_H

/* Bars of a block.  What an instruction makes goes through memory: few, so that it stays in a cache.  Nobody has measured other numbers. */
#define GP_INTERP_BARS 8
#define GP_INTERP_WARP 32
#define GP_INTERP_IN 8

/* ---- the table, all ints: head; instructions, stages and results of each program; programs ---- */
enum { GP_INTERP_BLOCK, GP_INTERP_FULL, GP_INTERP_COLUMN, GP_INTERP_CONST, GP_INTERP_FACT }; /* places of operands */
enum { GP_INTERP_LOAD = -1, GP_INTERP_COUNT = -2, GP_INTERP_SERIES = 1 << 16 };            /* instructions that are no row; N read on every bar */

/* gp_fused_args as the interpreter takes them: lengths is the table, numbers the constants; facts[k * pitch + lane of the program],
 * hash[row * pitch + ...], out[(row * keep + place) * pitch + ...], where the rows of all programs are numbered one after the other. */
typedef struct gp_interp_head { int at, pitch, first, tickers; } gp_interp_head; /* where programs stand; tickers first .. first + tickers - 1 */
typedef struct gp_interp_program {
    int stages, n_stages;         /* places of the table are in ints from its start */
    int consts, facts, row, n_rows; /* the first of its own, and how many */
    int fixed, n_fixed;           /* results that are the same on every bar: row, place, index */
    int scratch, regs;            /* doubles a lane: the first of its own; the first of its registers among these */
    int flat, flat_size, spread;  /* the same for whole columns; the first column for operands of whole-series functions */
} gp_interp_program;
typedef struct gp_interp_stage { int code, n_block, n_whole; } gp_interp_stage;
typedef struct gp_interp_instr {
    int op, n_in, place[GP_INTERP_IN], index[GP_INTERP_IN], to_place, to;
    int len, last, mask, kept;    /* of HISTORY: operands whose nulls count, and those that it has to keep itself */
    int state, sinks, n_sinks;    /* doubles of a lane; rows of results */
} gp_interp_instr;
#endif
