/* What --accel auto decides by: what the processor needs for a task, by running the task's own program over a few made-up bars, against what a
 * device needs, from what was measured of that device once.
 *
 * A command says what there is to do and takes what it gets:
 *     gp_accel_task t = {.sets = &program, .n_sets = 1, .tickers = files, .bars = bars_of_all, .jobs = jobs};
 *     gp_accel_decision d;
 *     gp_accel *a = gp_accel_decide(&t, &d);   // NULL: the processor
 * (cli/accel.c does so: gp_cli_accel takes the task.)  Of a sweep: sets one of each shape or all of them, times how many sets each stands for,
 * fetched the bytes that come back, and, since the processor shares work between sets, host_s what its first batch says of the whole. */
#ifndef GP_ACCEL_COST_H
#define GP_ACCEL_COST_H
#include "accel/device.h"

typedef struct gp_accel_task {
    const gp_program *const *sets;
    int n_sets;
    double times;          /* sets of parameters that each of these stands for; 0: itself alone */
    size_t tickers, bars;  /* bars of all tickers together, about */
    int longest;           /* bars of the longest ticker; 0: all are alike */
    int jobs;              /* threads of the processor; 0: one each */
    double fetched;        /* bytes of results that come back from the device; 0: a value or two a lane, as of a scan */
    double host_s;         /* seconds that the processor needs for all of it, where that is known better; 0: it is measured */
    bool sums;             /* the sets are conditions whose signals are added up there (sums.h) */
    double sent;           /* bytes a bar that go there beside the quotes */
} gp_accel_task;

/* Of one device, with one version of its driver, its compiler and the program. */
typedef struct gp_accel_costs {
    char device[128], driver[32], compiler[32];
    double processors;     /* of the device */
    double open;           /* seconds: the module, the driver, the context */
    double compile, load;  /* seconds: a kernel nobody has compiled yet; one from the cache */
    double run;            /* seconds: what a run takes beside copies and kernels */
    double upload, download; /* seconds a byte: of quotes, putting them in order included; of results */
    /* Kernels against one thread of this processor, which runs the same program: seconds for each of its seconds, with lanes enough to fill the
     * device; and of one lane alone, which is as long as its bars one after the other. */
    double full, alone;
} gp_accel_costs;

/* A task in numbers. */
typedef struct gp_accel_load {
    double host_s;         /* the processor, all threads */
    double thread_s;       /* one thread, nothing shared between sets, bars that pieces warm up with included (cut.h): what `full` multiplies */
    double lane_s;         /* of it the longest lane or piece: what `alone` multiplies */
    double left_s;         /* what stays on the processor although the device runs: functions it does not have */
    int compiled, loaded;  /* kernels */
    int runs;
    double up, down;       /* bytes */
} gp_accel_load;

typedef struct gp_accel_decision {
    bool device;
    double host_s, device_s; /* estimates; NAN: none was made */
    double open_s, compile_s, copy_s, kernel_s; /* of device_s */
    char why[320];         /* "processor 0.2 s, GPU 0.9 s of which compiling 0.3 s", for people */
} gp_accel_decision;

/* The device, opened, where it is faster; NULL: the processor is, or there is no device.  None is opened for what the processor does in the time
 * that takes.  What a device costs is measured when it is opened for the first time, and kept beside the kernels. */
gp_accel *gp_accel_decide(const gp_accel_task *t, gp_accel_decision *d);
/* The same for one that is open; what it cost to open it does not count any more. */
bool gp_accel_pays(gp_accel *a, const gp_accel_task *t, gp_accel_decision *d);
/* What would be decided, from what is kept alone; nothing is opened.  False: no device has been measured here. */
bool gp_accel_foresee(const gp_accel_task *t, gp_accel_decision *d);

/* The parts.  Which is faster: of `already` opened devices .open is left out. */
void gp_accel_weigh(const gp_accel_costs *c, const gp_accel_load *l, bool already, gp_accel_decision *d);
/* Seconds that one thread of this processor takes for a bar of the program: some milliseconds of trying, once for each call. */
double gp_accel_host_bar(const gp_program *p, int bars);
/* Measures a device; false when it has failed. */
bool gp_accel_measure(gp_accel *a, gp_accel_costs *c);
/* The file: false where it cannot be read, is damaged or of another version of the program. */
bool gp_accel_costs_read(gp_accel_costs *c);
void gp_accel_costs_write(const gp_accel_costs *c);
/* For whoever measures, across programs; -1: somebody else kept it for most_s seconds, or there is no such lock here. */
int gp_accel_costs_lock(double most_s);
void gp_accel_costs_unlock(int lock);
#endif
