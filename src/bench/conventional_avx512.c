/* The conventional golden pit for one instruction set; the flags are in src/CMakeLists.txt. */
#define ISA avx512
#include "bench/conventional.inc"
