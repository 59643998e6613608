/* Kernels of quote.def; its columns are loaded by the engine. */
#ifndef GP_BUILTINS_QUOTE_H
#define GP_BUILTINS_QUOTE_H
#include "builtins/kit.h"

GP_HD double k_MINDIFF(void) { return 0.01; }
#endif
