/* The terminal that pictures are shown in. */
#ifndef GP_CLI_SCREEN_H
#define GP_CLI_SCREEN_H
#include <stdbool.h>

/* Its size in characters and, where it tells, in pixels; 0: unknown. */
typedef struct gp_screen { int columns, rows, width, height; } gp_screen;
gp_screen gp_screen_size(void);
/* Whether it shows sixel pictures: it is asked, and has a moment to answer. */
bool gp_screen_has_sixel(void);
#endif
