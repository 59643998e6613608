/* What measure.c and cost.c need of device.c. */
#ifndef GP_ACCEL_MEASURE_H
#define GP_ACCEL_MEASURE_H
#include "accel/cost.h"
#include "accel/inside.h"

/* What is kept of the device that is open; false: nothing, or of another one. */
bool gp_accel_costs_kept(const gp_accel *a, gp_accel_costs *c);
/* Would the source of these kernels come from the cache? */
bool gp_accel_kept(gp_accel *a, const char *kernels, bool exact, const gp_fuse_steps *steps);
/* Would the interpreter run these sets over so many bars, rather than a kernel of their own be compiled?  *lost: seconds that it takes longer. */
bool gp_accel_interprets(gp_accel *a, const gp_program *const *sets, int n_sets, double bars, double *lost);
/* The source of these kernels, compiled or from the cache, known or not. */
gp_accel_status gp_accel_compile(gp_accel *a, const gp_fuse_steps *steps, bool exact, const gp_buf *kernels, gp_device_code **code);
#endif
