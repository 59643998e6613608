/* What a module for a device offers: goldpit-cuda.so, opened by device.c.  A C interface with a number: program and module need not
 * come from one build.  The module knows nothing of formulas; it takes a source text and memory. */
#ifndef GP_ACCEL_ACCEL_H
#define GP_ACCEL_ACCEL_H
#include <stdbool.h>
#include <stddef.h>

#define GP_ACCEL_ABI 4

typedef enum {
    GP_ACCEL_OK,
    GP_ACCEL_NO_MEMORY, /* the device has too little left: less at a time may do */
    GP_ACCEL_REFUSED,   /* the source does not compile: the device itself is well */
    GP_ACCEL_LOST       /* anything else: nothing more is to be asked of this device */
} gp_accel_status;

typedef struct gp_accel_text { const char *name, *text; } gp_accel_text;
typedef struct gp_accel_source {
    const char *text;
    const gp_accel_text *header; /* what it includes, by the names it includes them by */
    int n_headers;
} gp_accel_source;

typedef struct gp_accel_about {
    char device[128];      /* "NVIDIA H200" */
    char driver[32];       /* "CUDA 13.0" */
    char compiler[32];     /* "NVRTC 13.0" */
    int major, minor;      /* what the device can: 9.0 */
    int processors;
    int threads;           /* that a processor holds at once, at most */
    size_t shared_block, shared_processor; /* bytes of shared memory: of a block at most, and of a processor */
    size_t memory;         /* bytes */
    double clock, memory_clock; /* Hz, at most; 0: the driver does not say */
    int memory_bus;        /* bits */
} gp_accel_about;

typedef struct gp_device gp_device;
typedef struct gp_device_code gp_device_code;

/* Functions may be called from any thread, by one at a time.  All are finished when they return. */
typedef struct gp_accel_api {
    int abi;
    /* NULL: there is none, or none that can be used; `why` says so in a few words. */
    gp_device *(*open)(char *why, size_t room);
    void (*close)(gp_device *d);
    void (*about)(const gp_device *d, gp_accel_about *a);
    gp_accel_status (*left)(gp_device *d, size_t *bytes); /* memory that is free */
    gp_accel_status (*take)(gp_device *d, size_t bytes, void **at);
    void (*give)(gp_device *d, void *at);
    gp_accel_status (*upload)(gp_device *d, void *to, const void *from, size_t bytes);
    gp_accel_status (*clear)(gp_device *d, void *at, size_t bytes); /* all 0 */
    gp_accel_status (*download)(gp_device *d, void *to, const void *from, size_t bytes);
    /* Code comes from the cache ($XDG_CACHE_HOME/goldpit) where the same text has been compiled for such a device before. */
    gp_accel_status (*compile)(gp_device *d, const gp_accel_source *s, gp_device_code **out);
    /* Would it come from there? */
    bool (*kept)(gp_device *d, const gp_accel_source *s);
    void (*forget)(gp_device *d, gp_device_code *c);
    /* Runs the kernel of that name, whose one argument is `bytes` bytes, with a thread for each lane at least, in blocks of `width` threads (0: as
     * the module thinks; fewer where the kernel needs too many registers), with `shared` bytes of shared memory for each of them. */
    gp_accel_status (*launch)(gp_device *d, gp_device_code *c, const char *kernel, const void *arg, size_t bytes, int lanes, int width, size_t shared);
    const char *(*said)(const gp_device *d); /* of the last status that was not OK */
} gp_accel_api;

/* The module's one symbol; NULL when it does not speak this version. */
#define GP_ACCEL_ENTRY "goldpit_accel"
typedef const gp_accel_api *gp_accel_entry(int abi);
#endif
