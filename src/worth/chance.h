/* Random numbers by counter: the number belongs to its keys (seed, who, draw), so that neither threads nor the order of the work
 * matter.  The mixer is that of splitmix64 (Steele, Lea, Flood 2014), once for every key. */
#ifndef GP_WORTH_CHANCE_H
#define GP_WORTH_CHANCE_H
#include <stdint.h>

static inline uint64_t gp_chance_mix(uint64_t z)
{
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

static inline uint64_t gp_chance(uint64_t seed, uint64_t who, uint64_t draw)
{
    const uint64_t step = UINT64_C(0x9e3779b97f4a7c15);
    return gp_chance_mix(gp_chance_mix(gp_chance_mix(seed + step) + who * step + step) + draw * step + step);
}
#endif
