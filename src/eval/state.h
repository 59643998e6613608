/* The state of a program after some bar of a security: what its later bars depend on, and nothing else.  A run that starts from it
 * (gp_lane.resume) gives the bits of the run over all bars, whatever the block size, the lane, the other lanes and the instruction set of
 * either run.  A state is bytes to be kept and handed back as they are, for the same program (gp_program_hash) and the same version
 * (GP_STATE_VERSION); it belongs to its number of bars and to a security with this code, market, name and period. */
#ifndef GP_EVAL_STATE_H
#define GP_EVAL_STATE_H
#include "eval/vm.h"

#define GP_STATE_VERSION 1

/* Can a run of this program go on from a state?  Otherwise *why says what keeps it from that, for people. */
bool gp_program_resumable(const gp_program *p, const char **why);
/* Bytes of the state after n bars; grows with n up to the longest windows.  A multiple of 8. */
size_t gp_state_size(const gp_program *p, int n);
/* Two programs with the same hash compute the same from the same state: their instructions, constants and switches. */
uint64_t gp_program_hash(const gp_program *p);

/* ---- for the machine ---- */
/* The state of lane l after the first n bars. */
void gp_state_save(const gp_vm *vm, int l, int n, void *to);
/* Puts every lane where its lane.resume says, after the first vm->base bars. */
void gp_state_load(gp_vm *vm);
#endif
