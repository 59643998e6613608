/* Every kernel: what the engine compiles, for the CPU and for CUDA. */
#ifndef GP_BUILTINS_KERNELS_H
#define GP_BUILTINS_KERNELS_H
#include "builtins/operators.h"
#include "builtins/quote.h"
#include "builtins/time.h"
#include "builtins/reference.h"
#include "builtins/window.h"
#include "builtins/average.h"
#include "builtins/logic.h"
#include "builtins/math.h"
#include "builtins/stat.h"
#include "builtins/shape.h"
#include "builtins/future.h"
#include "builtins/chips.h"
#include "builtins/extra.h"
#include "builtins/text.h"
#include "builtins/draw.h"
#endif
