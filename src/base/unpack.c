#include "base/unpack.h"
#include <string.h>
#include "base/vec.h"
#ifdef GOLDPIT_ZLIB
#include <zlib.h>
#endif
#ifdef GOLDPIT_ZSTD
#include <zstd.h>
#endif

/* Quotes shrink to a tenth, a column of equal values to a hundredth.  What grows beyond that is no table. */
#define FREE_BYTES ((size_t)64 << 20)
#define MOST_TIMES 300
#define MOST_BYTES ((size_t)16 << 30)

/* Text on its way out. */
typedef struct outlet {
    char *p;
    size_t n, cap, most;
} outlet;

/* Room for more, or false when there is too much already. */
__attribute__((unused)) /* with neither library */
static bool room(outlet *o)
{
    if (o->n > o->most) return false;
    if (o->cap - o->n >= 65536) return true;
    o->cap = o->cap * 2 > (size_t)1 << 20 ? o->cap * 2 : (size_t)1 << 20;
    o->p = gp_xrealloc(o->p, o->cap + 1);
    return true;
}

static const char *say(char why[GP_UNPACK_WHY], const char *kind, const char *what, const char *detail)
{
    snprintf(why, GP_UNPACK_WHY, "the %s stream %s%s%s%s", kind, what, detail ? " (" : "", detail ? detail : "", detail ? ")" : "");
    return why;
}

#define TOO_MUCH "unpacks to more text than any table of quotes of its size has"
#define CUT_OFF "ends too early: the file is not whole"

#ifdef GOLDPIT_ZLIB
const char *gp_unpack_gzip_name(void) { return "zlib " ZLIB_VERSION; }

/* Several streams one after the other are one file, and zeros may follow the last (tapes, tar). */
static bool next_member(z_stream *z)
{
    while (z->avail_in && *z->next_in == 0) z->next_in++, z->avail_in--;
    return z->avail_in != 0;
}

static const char *unpack_gzip(const char *p, size_t n, outlet *o, char why[GP_UNPACK_WHY])
{
    z_stream z = {0};
    const char *bad = NULL;
    size_t left = n;
    int said = Z_OK;

    if (inflateInit2(&z, 15 + 16) != Z_OK) return say(why, "gzip", "cannot be unpacked", "zlib does not start");
    z.next_in = (Bytef *)(uintptr_t)p;
    while (!bad) {
        if (z.avail_in == 0 && left) {
            z.avail_in = left > (1u << 30) ? 1u << 30 : (uInt)left;
            left -= z.avail_in;
        }
        if (said == Z_STREAM_END) {
            if (!next_member(&z) && left == 0) break;
            if (z.avail_in == 0) continue;
            if (inflateReset(&z) != Z_OK) bad = say(why, "gzip", "is damaged", NULL);
        }
        if (!room(o)) {
            bad = say(why, "gzip", TOO_MUCH, NULL);
            break;
        }
        const size_t space = o->cap - o->n;
        z.next_out = (Bytef *)o->p + o->n;
        z.avail_out = space > (1u << 30) ? 1u << 30 : (uInt)space;
        const uInt before = z.avail_out;
        said = inflate(&z, Z_NO_FLUSH);
        o->n += before - z.avail_out;
        if (said == Z_STREAM_END || (said == Z_OK && (z.avail_in || left || z.avail_out == 0))) continue;
        if (said == Z_OK || said == Z_BUF_ERROR)
            bad = say(why, "gzip", CUT_OFF, NULL);
        else
            bad = say(why, "gzip", "is damaged", z.msg);
    }
    inflateEnd(&z);
    return bad;
}
#else
const char *gp_unpack_gzip_name(void) { return "no zlib"; }

static const char *unpack_gzip(const char *p, size_t n, outlet *o, char why[GP_UNPACK_WHY])
{
    (void)p, (void)n, (void)o;
    return say(why, "gzip", "needs zlib, without which this goldpit was built", "unpack it with: gzip -d");
}
#endif

#ifdef GOLDPIT_ZSTD
const char *gp_unpack_zstd_name(void) { return "libzstd " ZSTD_VERSION_STRING; }

static const char *unpack_zstd(const char *p, size_t n, outlet *o, char why[GP_UNPACK_WHY])
{
    ZSTD_DStream *z = ZSTD_createDStream();
    ZSTD_inBuffer in = {p, n, 0};
    const char *bad = z ? NULL : say(why, "zstd", "cannot be unpacked", "libzstd does not start");
    size_t more = 1; /* 0: a frame is complete */

    while (!bad && (in.pos < in.size || more)) {
        if (!room(o)) {
            bad = say(why, "zstd", TOO_MUCH, NULL);
            break;
        }
        ZSTD_outBuffer out = {o->p + o->n, o->cap - o->n, 0};
        const size_t at = in.pos;
        more = ZSTD_decompressStream(z, &out, &in);
        o->n += out.pos;
        if (ZSTD_isError(more))
            bad = say(why, "zstd", "is damaged", ZSTD_getErrorName(more));
        else if (more && in.pos == in.size && in.pos == at && out.pos == 0)
            bad = say(why, "zstd", CUT_OFF, NULL);
    }
    ZSTD_freeDStream(z);
    return bad;
}
#else
const char *gp_unpack_zstd_name(void) { return "no libzstd"; }

static const char *unpack_zstd(const char *p, size_t n, outlet *o, char why[GP_UNPACK_WHY])
{
    (void)p, (void)n, (void)o;
    return say(why, "zstd", "needs libzstd, without which this goldpit was built", "unpack it with: zstd -d");
}
#endif

const char *gp_packed_as(const char *p, size_t n)
{
    if (n >= 2 && memcmp(p, "\x1f\x8b", 2) == 0) return "gzip";
    if (n >= 4 && memcmp(p, "\x28\xb5\x2f\xfd", 4) == 0) return "zstd";
    return NULL;
}

const char *gp_file_unpack(gp_file *f, char why[GP_UNPACK_WHY])
{
    const char *kind = gp_packed_as(f->p, f->n), *bad;
    outlet o = {0};

    if (!kind) return NULL;
    o.most = f->n > MOST_BYTES / MOST_TIMES ? MOST_BYTES : f->n * MOST_TIMES;
    if (o.most < FREE_BYTES) o.most = FREE_BYTES;
    bad = *kind == 'g' ? unpack_gzip(f->p, f->n, &o, why) : unpack_zstd(f->p, f->n, &o, why);
    if (bad) {
        free(o.p);
        return bad;
    }
    gp_file_close(f);
    if (o.p) o.p[o.n] = 0;
    f->heap = o.p;
    f->p = o.p ? o.p : "";
    f->n = o.n;
    return NULL;
}
