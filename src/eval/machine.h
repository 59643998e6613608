/* The inside of the machine: vm.c runs it, state.c saves and restores what its instructions carry from bar to bar. */
#ifndef GP_EVAL_MACHINE_H
#define GP_EVAL_MACHINE_H
#include "eval/code.h"
#include "eval/vm.h"

#define GP_N_DERIVED 4 /* columns made from the stamps: D T S I */

struct gp_vm {
    const gp_program *p;
    const gp_kernel_set *k;
    int block, cap;            /* bars the buffers are laid out for */
    double *regs, *full, *consts, *lane_rows, *state, *scratch, *grid;
    double *derived[GP_N_DERIVED]; /* [GP_LANES][cap] */
    double *nulls;             /* [cap]: a column the quotes lack */
    size_t *state_at;          /* per instruction: offset into state */
    gp_exec *exec;             /* per instruction: operands in place for bar 0 */
    void (**run)(gp_exec *e);  /* per instruction: its loop; NULL for a load */
    bool *late;                /* per instruction: idle before the first bar that is wanted, see find_late */
    int *loads;                /* the loads' instruction numbers, stage by stage */
    double *last;              /* [slots][GP_LANES]: value on the lane's last bar, for texts */
    gp_texts texts;            /* what this run made, after the program's literals */
    int lane_n[GP_LANES];
    int base;                  /* bars before the first row of the columns: where the run starts */
    int held[GP_LANES];        /* rows of each lane's columns: lane_n - base */
    const double *col[6][GP_LANES];   /* O H L C V A */
    const gp_lane *lane;
    uint8_t *const *truth;     /* by slot, of this run; NULL: not wanted */
    int lanes, min_from;
    const volatile sig_atomic_t *stop;
};

/* ---- sink.c ---- */
void gp_sink_block(gp_vm *vm, const gp_instr *in, const double *y, int bar, int rows);
void gp_sink_lane(gp_vm *vm, const gp_instr *in, int l, const double *y);
void gp_sink_constants(gp_vm *vm);
#endif
