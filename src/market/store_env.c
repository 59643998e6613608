/* LMDB environments: opened once a process, looked over before they are used. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>
#include "base/vec.h"
#include "market/store_lmdb.h"
#include "market/store_pages.h"

enum { MAX_READERS = 1022, ENDIAN = 0x01020304 };
#define MAP_LEAST ((size_t)1 << 30)
#define LEAST_ROOM ((unsigned long)1 << 20) /* a batch of pages that did not fit leaves less than itself */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static gp_store_env *all;

bool gp_store_available(void) { return true; }
const char *gp_store_library(void) { return mdb_version(NULL, NULL, NULL); }

bool gp_store_is(const char *dir)
{
    gp_buf path = {0};
    struct stat st;

    gp_buf_printf(&path, "%s/data.mdb", dir);
    const bool is = stat(path.p, &st) == 0 && S_ISREG(st.st_mode);
    gp_buf_free(&path);
    return is;
}

void gp_store_broken(const char *dir, const char *what, gp_diags *d)
{
    gp_diag_file(d, GP_D_STORE_BROKEN, dir, 0, 0, what);
}

/* LMDB reports the short write of a disk that filled up as an error of the device. */
static bool no_room(const char *dir)
{
    struct statvfs fs;
    return statvfs(dir, &fs) == 0 && fs.f_bavail * fs.f_frsize < LEAST_ROOM;
}

void gp_store_fail(const char *dir, const char *doing, int rc, gp_diags *d)
{
    switch (rc == EIO && no_room(dir) ? ENOSPC : rc) {
    case MDB_READERS_FULL:
        gp_diag_file(d, GP_D_STORE_READERS, dir, 0, 0);
        break;
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
        gp_diag_file(d, GP_D_STORE_FULL, dir, 0, 0, strerror(rc == EIO ? ENOSPC : rc));
        break;
    case MDB_CORRUPTED:
    case MDB_PAGE_NOTFOUND:
    case MDB_BAD_VALSIZE:
        gp_store_broken(dir, mdb_strerror(rc), d);
        break;
    case MDB_INVALID:
        gp_store_broken(dir, "data.mdb is no LMDB file", d);
        break;
    case MDB_VERSION_MISMATCH:
        gp_store_broken(dir, "data.mdb is of another version of LMDB", d);
        break;
    default:
        gp_diag_file(d, GP_D_STORE_FAILED, dir, 0, 0, doing, mdb_strerror(rc));
    }
}

/* Is every page there that the newest state needs?  Reading beyond the end of the file would end the program. */
static bool look_at_file(const char *dir, const char *path, size_t *map_bytes, gp_diags *d)
{
    char first[2 * 65536];
    struct stat st;
    size_t used = 0;
    const char *why;
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    const ssize_t n = fd < 0 ? -1 : pread(fd, first, sizeof first, 0);

    if (n < 0 || fstat(fd, &st) != 0) {
        gp_store_fail(dir, "read", errno, d);
        if (fd >= 0) close(fd);
        return false;
    }
    close(fd);
    why = gp_pages_meta(first, (size_t)n, &used, map_bytes);
    if (!why && used > (size_t)st.st_size) why = "data.mdb is cut off";
    if (why) gp_store_broken(dir, why, d);
    return !why;
}

/* Opens; without the lock file where that cannot be written. */
static int open_env(gp_store_env *e, size_t map)
{
    unsigned flags = MDB_NOTLS | (e->writes ? 0 : MDB_RDONLY);
    int rc;

    for (;;) {
        rc = mdb_env_create(&e->env);
        if (rc) return rc;
        mdb_env_set_maxdbs(e->env, 4);
        mdb_env_set_maxreaders(e->env, MAX_READERS);
        if (map) mdb_env_set_mapsize(e->env, map);
        rc = mdb_env_open(e->env, e->dir, flags, 0666);
        if (!rc) break;
        mdb_env_close(e->env);
        e->env = NULL;
        if (e->writes || (flags & MDB_NOLOCK) || (rc != EACCES && rc != EROFS && rc != EPERM)) return rc;
        flags |= MDB_NOLOCK;
        e->no_lock = true;
    }
    return rc;
}

gp_store_env *gp_store_env_get(const char *dir, bool writes, size_t map, gp_diags *d)
{
    gp_store_env *e = NULL;
    gp_buf path = {0};
    struct stat st = {0};
    size_t mapped = 0;

    gp_buf_printf(&path, "%s/data.mdb", dir);
    const bool there = stat(path.p, &st) == 0 && st.st_size > 0;
    pthread_mutex_lock(&lock);
    for (gp_store_env *k = all; k && there && !e; k = k->next)
        if (k->dev == st.st_dev && k->ino == st.st_ino) e = k;
    if (e) {
        if (writes && !e->writes) {
            gp_diag_file(d, GP_D_STORE_ITSELF, dir, 0, 0);
            e = NULL;
        } else {
            e->users++;
        }
    } else if (!there && !writes) {
        gp_diag_file(d, GP_D_STORE_EMPTY, dir, 0, 0);
    } else if (!there || look_at_file(dir, path.p, &mapped, d)) {
        e = gp_xcalloc(1, sizeof *e);
        *e = (gp_store_env){.users = 1, .writes = writes, .dir = gp_xstrndup(dir, strlen(dir))};
        if (writes && map < mapped) map = mapped;
        if (writes && map < 2 * (size_t)st.st_size + (map ? 0 : MAP_LEAST)) map = 2 * (size_t)st.st_size + (map ? 0 : MAP_LEAST);
        const int rc = open_env(e, writes ? map : 0);
        if (rc || stat(path.p, &st) != 0) {
            gp_store_fail(dir, "opened", rc ? rc : errno, d);
            if (e->env) mdb_env_close(e->env);
            free(e->dir);
            free(e);
            e = NULL;
        } else {
            e->dev = st.st_dev;
            e->ino = st.st_ino;
            e->next = all;
            all = e;
        }
    }
    pthread_mutex_unlock(&lock);
    gp_buf_free(&path);
    return e;
}

void gp_store_env_put(gp_store_env *e)
{
    pthread_mutex_lock(&lock);
    if (--e->users == 0) {
        gp_store_env **at = &all;
        while (*at != e) at = &(*at)->next;
        *at = e->next;
        mdb_env_close(e->env);
        free(e->dir);
        free(e);
    }
    pthread_mutex_unlock(&lock);
}

/* The pages of the state that txn sees. */
static const char *look_at_pages(const gp_store_env *e, MDB_txn *txn, bool writes)
{
    const char *why = NULL;
    mdb_filehandle_t fd;
    struct stat st;

    if (mdb_env_get_fd(e->env, &fd) != 0 || fstat(fd, &st) != 0) return strerror(errno);
    char *p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_SHARED, fd, 0);
    if (p == MAP_FAILED) return strerror(errno);
    why = gp_pages_check(p, (size_t)st.st_size, mdb_txn_id(txn) - (writes ? 1 : 0), writes);
    munmap(p, (size_t)st.st_size);
    return why;
}

static bool read_stamp(gp_store_env *e, MDB_txn *txn, gp_store_stamp *stamp, bool writes, gp_diags *d)
{
    MDB_val key = {sizeof GP_STORE_STAMP_KEY - 1, (void *)(uintptr_t)GP_STORE_STAMP_KEY}, value;
    const int rc = mdb_get(txn, e->main, &key, &value);

    memset(stamp, 0, sizeof *stamp);
    if (rc == MDB_NOTFOUND) {
        MDB_stat st;
        mdb_stat(txn, e->main, &st);
        if (st.ms_entries == 0 && writes) return true;
        gp_diag_file(d, st.ms_entries ? GP_D_STORE_FOREIGN : GP_D_STORE_EMPTY, e->dir, 0, 0);
        return false;
    }
    if (rc) {
        gp_store_fail(e->dir, "read", rc, d);
        return false;
    }
    memcpy(stamp, value.mv_data, value.mv_size < sizeof *stamp ? value.mv_size : sizeof *stamp);
    stamp->version[sizeof stamp->version - 1] = 0;
    if (value.mv_size < 24 || memcmp(stamp->magic, GP_STORE_STAMP_KEY, sizeof GP_STORE_STAMP_KEY) != 0) {
        gp_diag_file(d, GP_D_STORE_FOREIGN, e->dir, 0, 0);
        return false;
    }
    if (stamp->endian != ENDIAN) {
        gp_store_broken(e->dir, "it was written on a machine with another order of bytes", d);
        return false;
    }
    if (stamp->format != GP_STORE_FORMAT || value.mv_size != sizeof *stamp) {
        gp_diag_file(d, GP_D_STORE_VERSION, e->dir, 0, 0, stamp->format, stamp->version, GP_STORE_FORMAT, GOLDPIT_VERSION);
        return false;
    }
    return true;
}

static int open_tables(gp_store_env *e, MDB_txn *txn, bool create)
{
    const unsigned flags = create ? MDB_CREATE : 0;
    int rc;

    if ((rc = mdb_dbi_open(txn, "securities", flags, &e->securities)) != 0) return rc;
    return mdb_dbi_open(txn, "chunks", flags, &e->chunks);
}

MDB_txn *gp_store_begin(gp_store_env *e, bool writes, gp_store_stamp *stamp, gp_diags *d)
{
    MDB_txn *txn = NULL;
    bool again = false;
    int rc, dead;

    pthread_mutex_lock(&lock); /* tables are opened by one transaction at a time */
    rc = mdb_txn_begin(e->env, NULL, writes ? 0 : MDB_RDONLY, &txn);
    if (rc == MDB_READERS_FULL && mdb_reader_check(e->env, &dead) == 0 && dead) /* of programs that were killed */
        rc = mdb_txn_begin(e->env, NULL, writes ? 0 : MDB_RDONLY, &txn);
    if (rc == MDB_MAP_RESIZED && (rc = mdb_env_set_mapsize(e->env, 0)) == 0) /* a writer let the store grow */
        rc = mdb_txn_begin(e->env, NULL, writes ? 0 : MDB_RDONLY, &txn);
    if (rc) {
        gp_store_fail(e->dir, writes ? "written" : "read", rc, d);
        txn = NULL;
    } else {
        const char *why = e->opened && writes ? NULL : look_at_pages(e, txn, writes);
        bool good = !why;
        if (why) gp_store_broken(e->dir, why, d);
        if (good && !e->opened && (rc = mdb_dbi_open(txn, NULL, 0, &e->main)) != 0) {
            gp_store_fail(e->dir, "read", rc, d);
            good = false;
        }
        good = good && read_stamp(e, txn, stamp, writes, d);
        if (good && !e->opened && (rc = open_tables(e, txn, writes && stamp->format == 0)) != 0) {
            gp_store_fail(e->dir, "read", rc == MDB_NOTFOUND ? MDB_CORRUPTED : rc, d);
            good = false;
        }
        if (!good) {
            mdb_txn_abort(txn);
            txn = NULL;
        }
        /* handles of tables belong to the transaction that opened them until it is committed */
        again = good && !e->opened && !writes;
        e->opened |= good;
        if (again && (rc = mdb_txn_commit(txn)) != 0) {
            gp_store_fail(e->dir, "read", rc, d);
            e->opened = again = false;
            txn = NULL;
        }
    }
    pthread_mutex_unlock(&lock);
    return again ? gp_store_begin(e, writes, stamp, d) : txn;
}

uint32_t gp_store_stretch(int period, int32_t date)
{
    if (period == 5 || period == 6) return (uint32_t)date / 10000;
    if (period == 7 || period == 10 || period == 11) return (uint32_t)date / 1000000;
    return (uint32_t)date / 100; /* within the day */
}

void gp_store_chunk_key(uint32_t id, uint32_t number, unsigned char key[8])
{
    for (int i = 0; i < 4; i++) {
        key[i] = (unsigned char)(id >> (24 - 8 * i));
        key[4 + i] = (unsigned char)(number >> (24 - 8 * i));
    }
}
