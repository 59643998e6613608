/* The page of what a scan or a job found: tables of hits, what is gone, what was odd, the formulas. */
#include "cli/hit_page.h"
#include <math.h>
#include <string.h>
#include "cli/table.h"
#include "draw/picture.h"
#include "market/board.h"

void gp_hit_date(int32_t date, int32_t time, gp_buf *out)
{
    gp_buf_printf(out, "%04d-%02d-%02d", (int)(date / 10000), (int)(date / 100 % 100), (int)(date % 100));
    if (time >= 0)
        gp_buf_printf(out, " %02d:%02d", (int)(time / 10000), (int)(time / 100 % 100));
}

void gp_hit_anchor(const gp_hit_page *x, const gp_hit *h, gp_buf *out)
{
    gp_buf_printf(out, "%d-%zu-%zu", x->section, h->input, h->index);
}

static const char *T(const gp_hit_page *x, const char *en, const char *zh) { return x->c->zh ? zh : en; }

static void fact(gp_hit_page *x, const char *label, size_t n)
{
    char value[32];
    snprintf(value, sizeof value, "%zu", n);
    gp_page_fact(x->page, label, value);
}

/* One number of decimals down a column: none for whole numbers, enough to tell small ones apart. */
static int column_decimals(const gp_hit_page *x, int column)
{
    double most = 0;
    bool whole = true;
    for (size_t i = 0; i < x->f->rows; i++) {
        const double v = x->r->hits[i].values[column];
        if (!isfinite(v))
            continue;
        most = fmax(most, fabs(v));
        whole &= v == floor(v);
    }
    return whole ? 0 : most < 1 ? 4 : most < 10 ? 3 : 2;
}

static void table(gp_hit_page *x)
{
    const gp_plan *p = x->f->plan;
    gp_column *columns = gp_xcalloc((size_t)p->n_cols + 7, sizeof *columns);
    gp_cell *cells = gp_xcalloc((size_t)p->n_cols + 7, sizeof *cells);
    gp_buf labels = {0}, link = {0};
    int n = 0;
    columns[n++] = (gp_column){T(x, "code", "代码"), GP_CELL_TEXT, 0};
    if (x->r->named)
        columns[n++] = (gp_column){T(x, "name", "名称"), GP_CELL_TEXT, 0};
    columns[n++] = (gp_column){T(x, "date", "日期"), GP_CELL_DATE, 0};
    columns[n++] = (gp_column){T(x, "close", "收盘"), GP_CELL_NUMBER, -1};
    columns[n++] = (gp_column){T(x, "change %", "涨幅%"), GP_CELL_NUMBER, 2};
    columns[n++] = (gp_column){T(x, "signals", "信号"), GP_CELL_LIST, 0};
    if (x->f->status)
        columns[n++] = (gp_column){T(x, "since", "变化"), GP_CELL_TEXT, 0};
    for (int i = 0; i < p->n_cols; i++)
        columns[n++] = (gp_column){p->cols[i].name, GP_CELL_NUMBER, column_decimals(x, i)};
    gp_page_table(x->page, columns, n);
    for (size_t i = 0; i < x->f->rows; i++) {
        const gp_hit *h = &x->r->hits[i];
        n = 0;
        cells[n++].text = gp_str_from(h->code);
        if (x->r->named)
            cells[n++].text = gp_str_from(h->name);
        cells[n] = (gp_cell){.date = h->date, .time = h->time};
        cells[++n] = (gp_cell){.number = h->close, .decimals = gp_price_decimals(h->code, h->market, h->close)};
        cells[++n] = (gp_cell){.number = h->n_trail > 1 ? (h->close / h->trail[h->n_trail - 2] - 1) * 100 : NAN, .is_change = true};
        gp_cli_labels(p, h, &labels);
        cells[++n].text = (gp_str){labels.p, labels.n};
        n++;
        const char *status = x->f->status ? x->f->status[i] : NULL;
        if (x->f->status)
            cells[n++].text = gp_str_from(status && strcmp(status, "entered") == 0 ? T(x, "entered", "新入") : T(x, "stayed", "保持"));
        for (int k = 0; k < p->n_cols; k++)
            cells[n++].number = h->values[k];
        link.n = 0;
        gp_hit_anchor(x, h, &link);
        gp_page_row(x->page, cells, status, link.p);
    }
    gp_page_table_end(x->page);
    gp_buf_free(&link);
    gp_buf_free(&labels);
    free(columns);
    free(cells);
}

void gp_hit_page_open(gp_hit_page *x, const char *title, const char *const *facts)
{
    gp_buf date = {0};
    gp_hit_date(x->c->asof ? x->c->asof : x->r->newest, -1, &date);
    const gp_str of = x->f->formula->header.title;
    gp_buf line = {0};
    gp_buf_printf(&line, "%s%s%.*s", date.p, of.n && !x->f->name ? "  " : "", x->f->name ? 0 : (int)of.n, of.n ? of.p : "");
    x->page = gp_page_new(title, line.p, x->c->zh, x->c->up == 1);
    gp_page_fact(x->page, T(x, "data until", "数据截至"), date.p);
    fact(x, T(x, "securities", "证券"), x->r->tickers);
    for (; facts && facts[0]; facts += 2)
        gp_page_fact(x->page, facts[0], facts[1]);
    if (x->f->skipped)
        fact(x, T(x, "files skipped", "跳过的文件"), x->f->skipped);
    gp_buf_free(&line);
    gp_buf_free(&date);
}

/* A formula: its hits as a table, what is gone, and room for the charts. */
void gp_hit_page_section(gp_hit_page *x)
{
    gp_page_heading(x->page, x->f->name ? x->f->name : T(x, "Hits", "结果"), NULL);
    if (x->f->rows)
        table(x);
    else
        gp_page_note(x->page, T(x, "No security has a signal.", "没有证券出现信号。"));
    if (x->f->rows < x->r->n_hits) {
        gp_buf more = {0};
        gp_buf_printf(&more, T(x, "The first %zu of %zu hits are shown.", "仅列出前 %zu 个, 共 %zu 个。"), x->f->rows, x->r->n_hits);
        gp_page_note(x->page, more.p);
        gp_buf_free(&more);
    }
    if (x->f->n_left) {
        gp_page_note(x->page, T(x, "No longer found:", "不再出现:"));
        gp_page_list(x->page, x->f->left, x->f->n_left, false);
    }
    if (x->f->rows && !x->f->name)
        gp_page_heading(x->page, T(x, "Charts", "图"), NULL);
}

void gp_hit_page_provenance(gp_hit_page *x)
{
    gp_buf b = {0};
    gp_buf_printf(&b, "%s%sgoldpit %s", x->f->name ? x->f->name : "", x->f->name ? ": " : "", GOLDPIT_VERSION);
    for (int i = 0; i < x->f->formula->n_params; i++) {
        char value[GP_NUM_MAX];
        gp_num_format(x->f->formula->params[i].value, value);
        gp_buf_printf(&b, "%s" GP_STR_FMT "=%s", i ? ", " : T(x, "; parameters ", "; 参数 "), GP_STR_ARG(x->f->formula->params[i].name), value);
    }
    gp_page_note(x->page, b.p);
    gp_page_text(x->page, T(x, "The formula", "公式"), x->f->formula->src->text);
    gp_buf_free(&b);
}

/* After the charts: what was odd in the data. */
void gp_hit_page_data(gp_hit_page *x)
{
    gp_page_heading(x->page, T(x, "Data", "数据"), NULL);
    if (x->f->n_warnings)
        gp_page_list(x->page, x->f->warnings, x->f->n_warnings, true);
    else
        gp_page_note(x->page, T(x, "Nothing odd was found in the files.", "文件中没有发现异常。"));
    gp_page_heading(x->page, T(x, "Where it comes from", "来源"), NULL);
}

bool gp_hit_page_save(gp_hit_page *x, gp_diags *d)
{
    gp_buf out = {0};
    gp_hit_page_data(x);
    gp_hit_page_provenance(x);
    gp_page_end(x->page, &out);
    const char *why = gp_picture_save(x->c->report, (gp_str){out.p, out.n});
    if (why)
        gp_diag_file(d, GP_D_PICTURE_SAVE, x->c->report, 0, 0, why);
    gp_buf_free(&out);
    return why == NULL;
}
