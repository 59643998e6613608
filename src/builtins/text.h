/* Kernels of text.def: none, texts are the engine's. */
#ifndef GP_BUILTINS_TEXT_H
#define GP_BUILTINS_TEXT_H
#include "builtins/kit.h"
#endif
