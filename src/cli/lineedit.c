/* Lines with libedit: editing, history, completion with TAB. */
#include "cli/lineedit.h"
#include <errno.h>
#include <histedit.h>
#include <langinfo.h>
#include <locale.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>
#include <wchar.h>
#include "output/writer.h"

enum { HISTORY_LINES = 1000, HISTORY_LINE_MAX = 10000, LIST_MAX = 200 };

struct gp_lineedit {
    gp_lineedit_opts o;
    gp_plain plain;        /* bytes read and not used yet, whichever way lines are read */
    EditLine *el;          /* NULL: not a terminal */
    History *history;
    GP_VEC(char *) added;  /* this session's lines, for the file */
    const char *prompt;
};

/* ---- keys ---- */

/* libedit's own reader hides interrupts and keeps no look-ahead; this one gives up the line on Ctrl-C and lets a paste be seen. */
static int next_key(EditLine *el, wchar_t *key)
{
    gp_lineedit *e;
    gp_plain *p;
    char bytes[4];
    size_t have = 0, want = 1;
    uint32_t cp;
    el_get(el, EL_CLIENTDATA, &e);
    p = &e->plain;
    while (have < want) {
        if (p->used == p->n) {
            ssize_t got;
            if (*e->o.interrupted)
                return -1;
            got = read(STDIN_FILENO, p->at, sizeof p->at);
            if (got < 0 && errno == EINTR) {
                if (*e->o.interrupted)
                    return -1;
                el_resize(el); /* the other signal that comes here: the window changed */
                continue;
            }
            if (got <= 0)
                return got < 0 ? -1 : 0;
            p->used = 0;
            p->n = (size_t)got;
        }
        bytes[have++] = p->at[p->used++];
        if (have == 1) {
            unsigned char c = (unsigned char)bytes[0];
            want = c >= 0xF0 ? 4 : c >= 0xE0 ? 3 : c >= 0xC0 ? 2 : 1;
        }
    }
    gp_utf8_decode(bytes, bytes + have, &cp);
    *key = (wchar_t)cp;
    return 1;
}

static char *prompt_of(EditLine *el)
{
    static char text[256];
    gp_lineedit *e;
    el_get(el, EL_CLIENTDATA, &e);
    if (e->o.colour)
        snprintf(text, sizeof text, "\1\033[1;36m\1%s\1\033[0m\1", e->prompt);
    else
        snprintf(text, sizeof text, "%s", e->prompt);
    return text;
}

/* ---- completion ---- */

static size_t common_prefix(const gp_candidates *c)
{
    size_t n = strlen(c->list.at[0].text);
    for (size_t i = 1; i < c->list.n; i++) {
        size_t k = 0;
        while (k < n && c->list.at[i].text[k] == c->list.at[0].text[k])
            k++;
        n = k;
    }
    while (n && ((unsigned char)c->list.at[0].text[n] & 0xC0) == 0x80) /* not into a character */
        n--;
    return n;
}

static const char *shown_part(const gp_candidates *c, size_t i)
{
    const char *z = c->list.at[i].shown, *slash = NULL;
    for (const char *p = z; c->is_path && *p; p++) {
        if (*p == '/' && p[1])
            slash = p;
    }
    return slash ? slash + 1 : z;
}

/* File names are untrusted: what stands on the screen is cleaned, what is put into the line is the name. */
static gp_str listed(const gp_candidates *c, size_t i, gp_buf *room)
{
    return gp_clean(gp_str_from(shown_part(c, i)), GP_FORMAT_TABLE, room);
}

/* As many columns as fit; a list of usages has one. */
static void print_list(const gp_candidates *c)
{
    int width = 0, columns, rows, screen = 80;
    int n = c->list.n < LIST_MAX ? (int)c->list.n : LIST_MAX;
    gp_buf room = {0};
    for (int i = 0; i < n; i++) {
        int w = gp_str_width(listed(c, (size_t)i, &room));
        width = w > width ? w : width;
    }
    columns = screen / (width + 2) > 1 ? screen / (width + 2) : 1;
    rows = (n + columns - 1) / columns;
    putchar('\n');
    for (int y = 0; y < rows; y++) {
        for (int x = 0; x * rows + y < n; x++) {
            const gp_str z = listed(c, (size_t)(x * rows + y), &room);
            int pad = (x + 1) * rows + y < n ? width + 2 - gp_str_width(z) : 0;
            printf(GP_STR_FMT "%*s", GP_STR_ARG(z), pad, "");
        }
        putchar('\n');
    }
    if ((int)c->list.n > n)
        printf("... %d more\n", (int)c->list.n - n);
    gp_buf_free(&room);
    fflush(stdout);
}

static int characters(const char *p, size_t n)
{
    int count = 0;
    for (size_t i = 0; i < n; i++)
        count += ((unsigned char)p[i] & 0xC0) != 0x80;
    return count;
}

static unsigned char on_tab(EditLine *el, int key)
{
    gp_lineedit *e;
    const LineInfo *line = el_line(el);
    size_t cursor = (size_t)(line->cursor - line->buffer), prefix;
    gp_candidates c = {0};
    gp_buf text = {0};
    unsigned char result = CC_REFRESH_BEEP;
    (void)key;
    el_get(el, EL_CLIENTDATA, &e);
    gp_buf_addz(&text, "");
    gp_buf_add(&text, line->buffer, (size_t)(line->lastchar - line->buffer));
    e->o.complete(e->o.ctx, text.p, cursor, &c);
    if (c.list.n == 0 && c.remark) {
        printf("\n%s\n", c.remark);
        fflush(stdout);
        result = CC_REDISPLAY;
    } else if (c.list.n) {
        prefix = c.list.n == 1 ? strlen(c.list.at[0].text) : common_prefix(&c);
        if (prefix < c.replace || (prefix == c.replace && memcmp(c.list.at[0].text, text.p + cursor - c.replace, prefix) == 0)) {
            print_list(&c);
            result = CC_REDISPLAY;
        } else {
            char *put = c.list.at[0].text;
            put[prefix] = 0;
            el_deletestr(el, characters(text.p + cursor - c.replace, c.replace));
            el_insertstr(el, put);
            result = CC_REFRESH;
        }
    }
    gp_candidates_fini(&c);
    gp_buf_free(&text);
    return result;
}

/* ---- history ---- */

static void enter(gp_lineedit *e, const char *text)
{
    HistEvent event;
    history(e->history, &event, H_ENTER, text);
}

static void load_history(gp_lineedit *e)
{
    FILE *in = fopen(e->o.history, "re");
    char *line = NULL;
    size_t cap = 0;
    ssize_t n;
    if (!in)
        return;
    while ((n = getline(&line, &cap, in)) > 0) {
        if (line[n - 1] == '\n')
            line[n - 1] = 0;
        if (*line && n <= HISTORY_LINE_MAX && gp_utf8_valid(line, strlen(line), NULL))
            enter(e, line);
    }
    free(line);
    fclose(in);
}

/* Folders on the way, readable by their owner only. */
static void make_folders(const char *path)
{
    gp_buf folder = {0};
    for (const char *p = path; *p; p++) {
        if (*p == '/' && p != path) {
            folder.n = 0;
            gp_buf_add(&folder, path, (size_t)(p - path));
            mkdir(folder.p, 0700);
        }
    }
    gp_buf_free(&folder);
}

/* What the file has by now (another session may have written) and this session's lines; the newest are kept.  Through a temporary
 * file, so that a crash leaves the old one.  A history that cannot be written is no reason to complain on leaving. */
static void save_history(gp_lineedit *e)
{
    GP_VEC(char *) all = {0};
    gp_buf temporary = {0};
    FILE *in = fopen(e->o.history, "re"), *out;
    char *line = NULL;
    size_t cap = 0;
    ssize_t n;
    int fd;
    while (in && (n = getline(&line, &cap, in)) > 0) {
        if (line[n - 1] == '\n')
            line[n - 1] = 0;
        gp_vec_push(&all, line);
        line = NULL;
        cap = 0;
    }
    free(line);
    if (in)
        fclose(in);
    for (size_t i = 0; i < e->added.n; i++)
        gp_vec_push(&all, e->added.at[i]);
    e->added.n = 0;
    make_folders(e->o.history);
    gp_buf_printf(&temporary, "%s.XXXXXX", e->o.history);
    fd = mkostemp(temporary.p, 02000000 /* O_CLOEXEC */); /* mode 0600 */
    out = fd >= 0 ? fdopen(fd, "w") : NULL;
    if (out) {
        bool ok;
        for (size_t i = all.n > HISTORY_LINES ? all.n - HISTORY_LINES : 0; i < all.n; i++)
            fprintf(out, "%s\n", all.at[i]);
        ok = !ferror(out);
        if (fclose(out) != 0 || !ok || rename(temporary.p, e->o.history) != 0)
            unlink(temporary.p);
    } else if (fd >= 0) {
        close(fd);
    }
    for (size_t i = 0; i < all.n; i++)
        free(all.at[i]);
    gp_vec_free(&all);
    gp_buf_free(&temporary);
}

/* ---- the interface ---- */

/* libedit wants characters; the rest of the program wants no locale, so only their encoding is taken from it. */
static void use_utf8(void)
{
    if (setlocale(LC_CTYPE, "") && strcmp(nl_langinfo(CODESET), "UTF-8") == 0)
        return;
    if (!setlocale(LC_CTYPE, "C.UTF-8"))
        setlocale(LC_CTYPE, "en_US.UTF-8");
}

gp_lineedit *gp_lineedit_open(const gp_lineedit_opts *o)
{
    gp_lineedit *e = gp_xcalloc(1, sizeof *e);
    HistEvent event;
    e->o = *o;
    if (!o->terminal)
        return e;
    use_utf8();
    e->el = el_init("goldpit", stdin, stdout, stderr);
    if (!e->el)
        return e;
    e->history = history_init();
    history(e->history, &event, H_SETSIZE, HISTORY_LINES);
    history(e->history, &event, H_SETUNIQUE, 1);
    el_set(e->el, EL_CLIENTDATA, e);
    el_set(e->el, EL_EDITOR, "emacs");
    el_set(e->el, EL_PROMPT_ESC, prompt_of, '\1');
    el_set(e->el, EL_HIST, history, e->history);
    el_set(e->el, EL_GETCFN, next_key);
    el_wset(e->el, EL_ADDFN, L"goldpit-complete", L"complete the word before the cursor", on_tab); /* el_set loses copies of them */
    el_set(e->el, EL_BIND, "^R", "em-inc-search-prev", NULL);
    el_set(e->el, EL_BIND, "\033[1;5C", "em-next-word", NULL);
    el_set(e->el, EL_BIND, "\033[1;5D", "ed-prev-word", NULL);
    el_set(e->el, EL_BIND, "\033[3~", "ed-delete-next-char", NULL);
    el_set(e->el, EL_BIND, "\033[H", "ed-move-to-beg", NULL);
    el_set(e->el, EL_BIND, "\033[F", "ed-move-to-end", NULL);
    el_source(e->el, NULL); /* ~/.editrc: vi keys for those who want them */
    el_set(e->el, EL_BIND, "^I", "goldpit-complete", NULL);
    if (o->history)
        load_history(e);
    return e;
}

gp_line_status gp_lineedit_read(gp_lineedit *e, const char *prompt, gp_buf *out)
{
    const char *line;
    int n = 0;
    if (!e->el)
        return gp_plain_read(&e->plain, e->o.interrupted, out);
    e->prompt = prompt;
    fflush(stdout);
    el_resize(e->el);
    el_set(e->el, EL_PREP_TERM, 1); /* before the prompt: what is typed as soon as it is seen must not go through the terminal's own editing */
    line = el_gets(e->el, &n);
    if (!line || n <= 0) {
        putchar('\n');
        return *e->o.interrupted ? GP_LINE_INTERRUPTED : GP_LINE_END;
    }
    out->n = 0;
    gp_buf_addz(out, "");
    gp_buf_add(out, line, strcspn(line, "\r\n"));
    return GP_LINE_READ;
}

bool gp_lineedit_pending(gp_lineedit *e) { return gp_plain_pending(&e->plain); }

void gp_lineedit_remember(gp_lineedit *e, const char *text)
{
    size_t n = strlen(text);
    char *z;
    if (!e->el || n == 0 || n > HISTORY_LINE_MAX || strchr(text, '\n'))
        return;
    enter(e, text);
    z = gp_xcalloc(n + 1, 1);
    gp_vec_push(&e->added, memcpy(z, text, n));
}

void gp_lineedit_close(gp_lineedit *e)
{
    if (e->el && e->o.history && e->added.n)
        save_history(e);
    for (size_t i = 0; i < e->added.n; i++)
        free(e->added.at[i]);
    gp_vec_free(&e->added);
    if (e->history)
        history_end(e->history);
    if (e->el)
        el_end(e->el);
    free(e);
}

#define TEXT_OF(x) #x
#define TEXT(x) TEXT_OF(x)
const char *gp_lineedit_name(void) { return "libedit " TEXT(LIBEDIT_MAJOR) "." TEXT(LIBEDIT_MINOR); }
