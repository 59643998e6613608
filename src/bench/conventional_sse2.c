/* The conventional golden pit for one instruction set; the flags are in src/CMakeLists.txt. */
#define ISA sse2
#include "bench/conventional.inc"
