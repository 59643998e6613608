/* Plans that are run over the data together: every input is read once, and what several formulas compute is computed once. */
#ifndef GP_SCREEN_PASS_H
#define GP_SCREEN_PASS_H
#include "screen/plan.h"

typedef struct gp_pass_plan {
    const gp_plan *plan;
    int program;           /* index into gp_pass.programs */
    int *slot;             /* numeric result of plan->program -> result of the pass's program; -1: none */
    int n_slots;           /* of plan->program */
} gp_pass_plan;

typedef struct gp_pass {
    gp_pass_plan *plans;
    int n;
    const gp_program **programs; /* what companions have to be made for */
    gp_program **owned;          /* programs of several plans; NULL where it is the plan's own */
    int n_programs;
} gp_pass;

/* Plans whose switches of the engine agree become one program, the others keep theirs.  The plans and their formulas must outlive
 * the pass. */
void gp_pass_new(const gp_plan *const *plans, int n, gp_pass *out);
/* The same, but formulas whose state cannot be kept (gp_program_resumable) do not share a program with those whose state can: for
 * scans with states (resume.h). */
void gp_pass_new_resumable(const gp_plan *const *plans, int n, gp_pass *out);
void gp_pass_fini(gp_pass *p);
#endif
