/* Chinese names of the columns of hitrate, backtest and sweep. */
#include <string.h>
#include "cli/worth.h"

enum { JUDGE_HITRATE = GP_JUDGE_HITRATE, JUDGE_BACKTEST = GP_JUDGE_BACKTEST, JUDGE_ANY = -1 };

const char *gp_cli_figure_zh(gp_judge judge, const char *column)
{
    static const struct { int judge; const char *column, *zh; } rows[] = {
#define GP_FIGURE(JUDGE, COLUMN, ZH) {JUDGE_##JUDGE, COLUMN, ZH},
#include "cli/figure.def"
#undef GP_FIGURE
    };
    for (int k = 0; k < GP_SCORES; k++)
        if (gp_metrics[k].judge == judge && strcmp(gp_metrics[k].column, column) == 0)
            return gp_metrics[k].zh;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if ((rows[i].judge == (int)judge || rows[i].judge == JUDGE_ANY) && strcmp(rows[i].column, column) == 0)
            return rows[i].zh;
    return column;
}

void gp_cli_columns_zh(const gp_cli *c, gp_judge judge, gp_column *columns, int n)
{
    if (!c->zh || c->format != GP_FORMAT_TABLE)
        return;
    for (int i = 0; i < n; i++)
        columns[i].name = gp_cli_figure_zh(judge, columns[i].name);
}
