/* Texts of a run.  A text in a program is a number, its handle, so that text series are columns like all others and IF, VALUEWHEN and
 * REF work on them.  Literals are numbered when the formula is compiled; what a run makes is numbered after them and
 * forgotten when the next run begins. */
#ifndef GP_EVAL_TEXTS_H
#define GP_EVAL_TEXTS_H
#include "base/arena.h"
#include "base/vec.h"
#include "builtins/builtin.h"

enum { GP_TEXT_MAX = 1024 }; /* bytes of a joined text */

typedef struct gp_texts gp_texts;
struct gp_texts {
    const gp_texts *base;  /* literals, numbered before; NULL: this is the literals' own store */
    GP_VEC(gp_str) at;     /* NUL-terminated, in arena */
    gp_arena arena;
    int *slots;            /* open addressing: 1 + index into at; 0 empty */
    size_t n_slots;
}; /* zero-initialise */

/* The handle of a text; equal texts have equal handles. */
double gp_texts_add(gp_texts *t, gp_str s);
/* The text of a handle; a null handle is an empty text. */
gp_str gp_texts_at(const gp_texts *t, double handle);
void gp_texts_clear(gp_texts *t); /* forgets everything but the base */
void gp_texts_fini(gp_texts *t);

/* One text function on one bar: a[0..n) are its operands (implicit ones first), texts as handles; a text result is a handle. */
double gp_text_call(gp_builtin_id id, gp_texts *t, const double *a, int n);
#endif
