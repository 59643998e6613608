/* The pictures of hitrate and backtest: --plot FILE, --script-only. */
#include <string.h>
#include "base/vec.h"
#include "cli/charts.h"
#include "cli/worth.h"

int gp_cli_check_worth_plot(const gp_cli *c)
{
    gp_picture_format format;
    if (!c->plot_file)
        return c->last ? gp_cli_usage(c, "--last says what the picture of --plot shows: give --plot FILE as well") : -1;
    if (!gp_picture_format_of(c->plot_file, &format) || format > GP_PICTURE_HTML)
        return gp_cli_usage(c, "--plot '%s': the extension says what is written: .png .svg .pdf .html", c->plot_file);
    return -1;
}

void gp_cli_ahead_warning(const gp_cli *c, const char *ahead, gp_buf *out)
{
    if (ahead)
        gp_buf_printf(out, c->zh ? "含未来函数 (%s): 当时无人能据此交易" : "LOOKS AHEAD (%s): nobody could have traded this.", ahead);
}

int gp_cli_worth_plot(const gp_cli *c, const gp_picture *p, const gp_chart *chart)
{
    gp_picture_opts o = gp_charts_opts(c);
    gp_buf out = {0};
    gp_diags d = {0};
    bool ok = true;
    o.format = GP_PICTURE_PNG;
    if (c->plot_file)
        gp_picture_format_of(c->plot_file, &o.format);
    gp_fonts *fonts = gp_fonts_new();
    if (c->script_only && chart) {
        gp_chart_script(chart, &o, c->plot_file, fonts, &out, &d);
    } else if (c->script_only) {
        gp_picture_script(p, &o, c->plot_file, fonts, &out, &d);
    } else {
        gp_gnuplot *g = gp_gnuplot_start(fonts, &d);
        ok = g && (chart ? gp_chart_draw(g, chart, &o, &out, &d) : gp_picture_draw(g, p, &o, &out, &d));
        gp_gnuplot_free(g);
        const char *why = ok ? gp_picture_save(c->plot_file, (gp_str){out.p, out.n}) : NULL;
        if (why)
            gp_diag_file(&d, GP_D_PICTURE_SAVE, c->plot_file, 0, 0, why);
        ok = ok && !why;
    }
    if (c->script_only)
        fwrite(out.p, 1, out.n, stdout); /* main says when that fails */
    gp_fonts_free(fonts);
    gp_cli_diags(c, &d);
    gp_buf_free(&out);
    return ok ? GP_EXIT_OK : GP_EXIT_NO_DATA;
}
