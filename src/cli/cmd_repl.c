/* goldpit repl: the listener. */
#include "cli/repl.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/num.h"
#include "lexer/lexer.h"

enum { SHOWN = 5, HELD_MAX = 1 << 20 };
#define SOURCE "<repl>"

volatile sig_atomic_t repl_interrupted;

static void on_interrupt(int signal)
{
    (void)signal;
    repl_interrupted = 1;
}

static void on_resize(int signal) { (void)signal; } /* wakes the line editor */

static void catch_signals(void)
{
    struct sigaction a = {.sa_handler = on_interrupt}; /* without SA_RESTART: a read in the line editor ends */
    sigaction(SIGINT, &a, NULL);
    a.sa_handler = on_resize;
    sigaction(SIGWINCH, &a, NULL);
}

/* ---- where a statement ends ---- */

typedef enum {
    STATE_EMPTY, /* nothing but comments */
    STATE_COMMENT, /* a comment is open */
    STATE_OPEN,  /* goes on: an open parenthesis, a sign that wants a right side */
    STATE_WHOLE, /* could end here */
    STATE_ENDED  /* ends with ; */
} text_state;

static bool wants_more(gp_token_kind k)
{
    switch (k) {
    case GP_T_ASSIGN: case GP_T_COLON: case GP_T_LE: case GP_T_GE: case GP_T_NE: case GP_T_LT: case GP_T_GT: case GP_T_EQ:
    case GP_T_AND: case GP_T_OR: case GP_T_NOT: case GP_T_PLUS: case GP_T_MINUS: case GP_T_STAR: case GP_T_SLASH:
    case GP_T_PERCENT: case GP_T_COMMA:
        return true;
    default:
        return false;
    }
}

/* A line that begins so goes on with the statement before it. */
static bool goes_on(gp_token_kind k) { return (wants_more(k) && k != GP_T_NOT) || k == GP_T_CLOSE; }

static bool is_open_comment(const gp_diags *d)
{
    for (size_t i = 0; i < d->n; i++) {
        if (d->at[i].id == GP_D_UNCLOSED_COMMENT)
            return true;
    }
    return false;
}

static text_state state_of(gp_str text, gp_encoding encoding, gp_token_kind *first)
{
    gp_arena arena = {0};
    gp_diags d = {0};
    gp_lexer lx;
    gp_token t;
    gp_token_kind last = GP_T_END;
    int depth = 0, count = 0;
    text_state state;
    gp_lexer_init(&lx, gp_source_new(&arena, SOURCE, text.p, text.n, encoding, &d), &arena, &d);
    while ((t = gp_lexer_next(&lx)).kind != GP_T_END) {
        if (count++ == 0 && first)
            *first = t.kind;
        depth += t.kind == GP_T_OPEN;
        depth -= t.kind == GP_T_CLOSE && depth;
        if (t.kind == GP_T_SEMICOLON)
            depth = 0;
        last = t.kind;
    }
    gp_lexer_fini(&lx);
    if (is_open_comment(&d))
        state = STATE_COMMENT;
    else if (count == 0)
        state = STATE_EMPTY;
    else if (last == GP_T_SEMICOLON)
        state = STATE_ENDED;
    else
        state = depth > 0 || wants_more(last) ? STATE_OPEN : STATE_WHOLE;
    gp_diags_fini(&d);
    gp_arena_fini(&arena);
    return state;
}

/* ---- lines ---- */

typedef struct reading {
    repl *r;
    gp_buf held;           /* lines of a statement that has not been submitted */
    text_state state;
} reading;

/* A statement of several lines comes back as one, unless a comment runs to the end of its line. */
static void remember(repl *r, gp_str text)
{
    gp_buf line = {0};
    if (memmem(text.p, text.n, "//", 2) && memchr(text.p, '\n', text.n))
        return;
    gp_buf_addz(&line, "");
    for (size_t i = 0; i < text.n; i++)
        gp_buf_addc(&line, text.p[i] == '\n' ? ' ' : text.p[i]);
    gp_lineedit_remember(r->edit, line.p);
    gp_buf_free(&line);
}

static void submit_held(reading *in)
{
    if (in->held.n && in->state != STATE_EMPTY) {
        remember(in->r, (gp_str){in->held.p, in->held.n});
        repl_submit(in->r, SOURCE, (gp_str){in->held.p, in->held.n}, in->r->c->encoding, REPL_TYPED);
        fflush(stdout);
    }
    in->held.n = 0;
    in->state = STATE_EMPTY;
}

static bool is_empty(const gp_buf *line)
{
    return strspn(line->p, " \t") == line->n;
}

static void hold(reading *in, const gp_buf *line)
{
    if (in->held.n)
        gp_buf_addc(&in->held, '\n');
    gp_buf_add(&in->held, line->p, line->n);
    in->state = state_of((gp_str){in->held.p, in->held.n}, in->r->c->encoding, NULL);
}

static void take_line(reading *in, gp_buf *line)
{
    bool commenting = in->held.n && in->state == STATE_COMMENT;
    gp_token_kind first = GP_T_END;
    char *start = line->p + strspn(line->p, " \t");
    if (is_empty(line) && !commenting) {
        submit_held(in);
        return;
    }
    if (*start == ':' && start[1] != '=' && !commenting) {
        submit_held(in);
        remember(in->r, gp_str_from(start));
        repl_dispatch(in->r, start);
        return;
    }
    if (in->held.n && in->state == STATE_WHOLE) {
        state_of((gp_str){line->p, line->n}, in->r->c->encoding, &first);
        if (!goes_on(first))
            submit_held(in);
    }
    hold(in, line);
    /* What could end here ends here, unless the next line is already there and may go on with it. */
    if (in->held.n > HELD_MAX || in->state == STATE_ENDED || (in->state == STATE_WHOLE && !gp_lineedit_pending(in->r->edit)))
        submit_held(in);
}

static void prompt_text(const repl *r, bool more, char out[96])
{
    const char *code = r->bars ? r->bars->code : "goldpit";
    int width = gp_str_width(gp_str_from(code));
    char date[16] = "";
    if (r->at)
        snprintf(date, sizeof date, "%04d-%02d-%02d", r->at / 10000 % 10000, r->at / 100 % 100, r->at % 100);
    if (more)
        snprintf(out, 96, "%*s ", width > 60 ? 60 : width + 1, "…");
    else
        snprintf(out, 96, "%.60s%s%s> ", code, r->at ? "@" : "", date);
}

static void listen(repl *r)
{
    reading in = {.r = r, .state = STATE_EMPTY};
    gp_buf line = {0};
    char prompt[96];
    while (!r->quit) {
        gp_line_status status;
        prompt_text(r, in.held.n > 0, prompt);
        repl_interrupted = 0;
        status = gp_lineedit_read(r->edit, prompt, &line);
        if (status == GP_LINE_INTERRUPTED) {
            in.held.n = 0;
            in.state = STATE_EMPTY;
            continue;
        }
        if (status == GP_LINE_END)
            break;
        repl_interrupted = 0;
        take_line(&in, &line);
    }
    submit_held(&in);
    gp_buf_free(&in.held);
    gp_buf_free(&line);
}

/* ---- the command ---- */

/* $GOLDPIT_HISTORY, or history in the folder for such files; NULL: none. */
static char *history_path(void)
{
    const char *own = getenv("GOLDPIT_HISTORY"), *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
    gp_buf path = {0};
    if (own)
        gp_buf_addz(&path, own);
    else if (state && *state == '/')
        gp_buf_printf(&path, "%s/goldpit/history", state);
    else if (home && *home)
        gp_buf_printf(&path, "%s/.local/state/goldpit/history", home);
    if (path.n == 0)
        gp_buf_free(&path);
    return path.n ? path.p : NULL;
}

static bool ends_with(const char *z, const char *tail)
{
    size_t n = strlen(z), k = strlen(tail);
    return n >= k && gp_str_ieqz(gp_str_from(z + n - k), tail);
}

/* The first word is a formula unless it can only be quotes.  A .txt file may be either: a formula is what parses as one. */
static bool is_formula(const gp_cli *c)
{
    const char *word = c->args[0];
    gp_file file;
    gp_diags d = {0};
    gp_formula *f;
    bool parses;
    if (!gp_path_exists(word) || ends_with(word, ".tdx"))
        return !ends_with(word, ".csv");
    if (gp_path_is_dir(word) || !ends_with(word, ".txt") || gp_file_open(word, &file))
        return false;
    f = gp_formula_parse(word, file.p, file.n, c->encoding, &d);
    parses = !f->broken;
    gp_file_close(&file);
    gp_formula_free(f);
    gp_diags_fini(&d);
    return parses;
}

/* FORMULA, -e and -p; the rest of args are the data.  An exit status, or -1 to go on. */
static int take_formula(repl *r, gp_formula **f, gp_diags *d)
{
    gp_cli *c = r->c;
    int status = GP_EXIT_FORMULA;
    if (!c->expression && (c->n_args == 0 || !is_formula(c)))
        return -1;
    *f = gp_cli_formula(c, !c->expression, d, &status);
    return *f ? -1 : status;
}

/* -p without a formula: parameters that later statements may use. */
static void set_params(repl *r)
{
    for (int i = 0; i < r->c->n_params; i++) {
        const char *eq = strchr(r->c->params[i], '=');
        double value;
        if (eq && gp_num_parse(eq + 1, strlen(eq + 1), &value) && isfinite(value))
            repl_set_param(r, (gp_str){r->c->params[i], (size_t)(eq - r->c->params[i])}, value);
    }
}

static bool start(repl *r, gp_formula *f)
{
    gp_cli *c = r->c;
    gp_buf about = {0};
    if (c->n_args && !repl_load(r, c->args, c->n_args))
        return false;
    if (c->n_codes && !repl_use(r, c->codes[0])) {
        gp_cli_error(c, "the data have no security %s", c->codes[0]);
        repl_failed(r, GP_EXIT_NO_DATA);
        return false;
    }
    if (r->terminal && !c->quiet) {
        repl_describe(r, &about);
        printf("goldpit %s  %s\n%s\n", GOLDPIT_VERSION, about.p,
               repl_text(r, ":help lists the commands, TAB completes, Ctrl-D leaves", ":help 查看命令, TAB 补全, Ctrl-D 退出"));
        gp_buf_free(&about);
    }
    if (!f) {
        set_params(r);
        return true;
    }
    return repl_submit(r, f->src->name, f->src->text, GP_ENC_UTF8, REPL_FIRST) || r->terminal; /* at a terminal it can be mended */
}

int gp_cmd_repl(gp_cli *c)
{
    repl r = {.c = c, .last = c->last ? c->last : SHOWN, .exact = c->exact_compare, .terminal = isatty(STDIN_FILENO)};
    gp_diags d = {0};
    gp_formula *f = NULL;
    char *history = r.terminal ? history_path() : NULL;
    int status = -1;
    for (int i = 0; i < c->n_args && status < 0; i++) {
        if (strcmp(c->args[i], "-") == 0)
            status = gp_cli_usage(c, "standard input is where the statements come from; give formula and data as files or folders");
    }
    if (status < 0)
        status = take_formula(&r, &f, &d);
    gp_diags_fini(&d); /* said again when the formula joins the session */
    if (status >= 0) {
        gp_formula_free(f);
        free(history);
        return status;
    }
    if (r.terminal)
        catch_signals();
    r.edit = gp_lineedit_open(&(gp_lineedit_opts){.terminal = r.terminal, .colour = c->colour, .history = history,
                                                  .complete = repl_complete, .ctx = &r, .interrupted = &repl_interrupted});
    if (start(&r, f))
        listen(&r);
    gp_formula_free(f);
    gp_lineedit_close(r.edit);
    repl_data_fini(&r);
    repl_state_fini(&r.now);
    for (size_t i = 0; i < r.past.n; i++)
        repl_state_fini(&r.past.at[i]);
    gp_vec_free(&r.past);
    gp_buf_free(&r.latest);
    free(history);
    return r.terminal ? GP_EXIT_OK : r.status;
}
