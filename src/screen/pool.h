/* Where threads share work: base/pool.h. */
#ifndef GP_SCREEN_POOL_H
#define GP_SCREEN_POOL_H
#include "base/pool.h"
#endif
