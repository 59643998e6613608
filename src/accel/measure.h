/* What measure.c and cost.c need of device.c. */
#ifndef GP_ACCEL_MEASURE_H
#define GP_ACCEL_MEASURE_H
#include "accel/inside.h"

/* Is there a module?  Nothing is opened; `said`: why there is none. */
bool gp_accel_installed(char *said, size_t room);
/* Would the source of these kernels come from the cache? */
bool gp_accel_kept(gp_accel *a, const char *kernels, bool exact, const gp_fuse_steps *steps);
/* The source of these kernels, compiled or from the cache, known or not. */
gp_accel_status gp_accel_compile(gp_accel *a, const gp_fuse_steps *steps, bool exact, const gp_buf *kernels, gp_device_code **code);
#endif
