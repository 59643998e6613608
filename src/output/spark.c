#include "output/spark.h"
#include <math.h>

enum { STEPS = 8 };

void gp_spark(const double *x, int n, gp_buf *out)
{
    static const char *const bars[STEPS] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    double low = INFINITY, high = -INFINITY;
    for (int i = 0; i < n; i++) {
        if (!isfinite(x[i]))
            continue;
        low = x[i] < low ? x[i] : low;
        high = x[i] > high ? x[i] : high;
    }
    for (int i = 0; i < n; i++) {
        /* halves first: high - low may overflow */
        const double share = high > low ? (x[i] / 2 - low / 2) / (high / 2 - low / 2) : 0.4;
        const int step = isfinite(x[i]) ? (int)(share * STEPS) : 0;
        gp_buf_addz(out, isfinite(x[i]) ? bars[step < STEPS ? step : STEPS - 1] : " ");
    }
}
