#include "market/stamp.h"
#include <string.h>

static bool digit(char c)
{
    return c >= '0' && c <= '9';
}

int gp_days_of_month(int32_t yyyymmdd)
{
    static const unsigned char days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    const int y = yyyymmdd / 10000, m = yyyymmdd / 100 % 100;

    return days[m - 1] + (m == 2 && y % 4 == 0 && (y % 100 != 0 || y % 400 == 0));
}

static bool make_date(int y, int m, int d, int32_t *out)
{
    static const unsigned char days[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

    if (y < 1900 || y > 2199 || m < 1 || m > 12 || d < 1 || d > days[m - 1]) return false;
    if (m == 2 && d == 29 && (y % 4 != 0 || (y % 100 == 0 && y % 400 != 0))) return false;
    *out = y * 10000 + m * 100 + d;
    return true;
}

static bool make_time(int h, int m, int s, int32_t *out)
{
    if (h > 24 || m > 59 || s > 59 || (h == 24 && m + s > 0)) return false;
    *out = h * 10000 + m * 100 + s;
    return true;
}

static int number(const char *p, int n)
{
    int v = 0;
    for (int i = 0; i < n; i++) v = v * 10 + (p[i] - '0');
    return v;
}

/* One or two digits; moves *p. */
static bool one_or_two(const char **p, const char *end, int *v)
{
    if (*p >= end || !digit(**p)) return false;
    *v = *(*p)++ - '0';
    if (*p < end && digit(**p)) *v = *v * 10 + (*(*p)++ - '0');
    return true;
}

static size_t count_digits(const char *p, const char *end)
{
    const char *q = p;
    while (q < end && digit(*q)) q++;
    return (size_t)(q - p);
}

/* +08:00, -0500, Z, at the very end */
static bool is_zone(const char *p, const char *end)
{
    if (p == end) return true;
    if (end - p == 1) return *p == 'Z' || *p == 'z';
    if (*p != '+' && *p != '-') return false;
    for (p++; p < end; p++)
        if (!digit(*p) && *p != ':') return false;
    return true;
}

static bool clock_text(const char *p, const char *end, int32_t *time)
{
    int h, m, s = 0;

    if (!one_or_two(&p, end, &h) || p == end || *p++ != ':' || !one_or_two(&p, end, &m)) return false;
    if (p < end && *p == ':') {
        p++;
        if (!one_or_two(&p, end, &s)) return false;
        if (p < end && *p == '.') {
            p++;
            p += count_digits(p, end);
        }
    }
    while (p < end && *p == ' ') p++;
    return is_zone(p, end) && make_time(h, m, s, time);
}

bool gp_time_parse(const char *p, size_t n, int32_t *time)
{
    const char *end = p + n;
    size_t digits = count_digits(p, end);

    if (digits == n) {
        if (n == 3 || n == 4) return make_time(number(p, (int)n - 2), number(end - 2, 2), 0, time);
        if (n == 5 || n == 6) return make_time(number(p, (int)n - 4), number(end - 4, 2), number(end - 2, 2), time);
        if (n == 12) return make_time(number(p + 8, 2), number(p + 10, 2), 0, time);
        if (n >= 14 && n <= 20) return make_time(number(p + 8, 2), number(p + 10, 2), number(p + 12, 2), time);
        return false;
    }
    return clock_text(p, end, time);
}

static bool digits_only(const char *p, size_t n, size_t digits, int32_t *date, int32_t *time)
{
    if (!make_date(number(p, 4), number(p + 4, 2), number(p + 6, 2), date)) return false;
    if (digits == 8) {
        if (n == 8) return true;
        if (n == 10 && p[8] == '.' && p[9] == '0') return true; /* a table program took the date for a number */
        if (p[8] == ' ' || p[8] == 'T' || p[8] == '-') return gp_time_parse(p + 9, n - 9, time);
        return false;
    }
    return digits == n && n > 8 && gp_time_parse(p, n, time);
}

/* What parts year, month and day: 1 byte, or 年 月 日 in 3. */
static bool part(const char **p, const char *end, const char *chinese, char *sep)
{
    if (*p >= end) return false;
    if (**p == '-' || **p == '/' || **p == '.') {
        if (*sep && *sep != **p) return false;
        *sep = *(*p)++;
        return true;
    }
    if (end - *p < 3 || memcmp(*p, chinese, 3) != 0) return false;
    *p += 3;
    return true;
}

/* yyyy-mm-dd, ten bytes at p, as nearly every file has it: 1 a date, 0 none, -1 another form. */
static int iso_date(const char *p, int32_t *date)
{
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    uint64_t t;
    unsigned d1 = (unsigned)(unsigned char)p[8] - '0', d2 = (unsigned)(unsigned char)p[9] - '0';

    memcpy(&t, p, 8);
    t ^= UINT64_C(0x2d30302d30303030);
    if ((((t + UINT64_C(0x7676767676767676)) | t) & UINT64_C(0x8080808080808080)) ||
        (t & UINT64_C(0xff0000ff00000000)) || d1 > 9 || d2 > 9)
        return -1;
    t = t * 10 + (t >> 8); /* in byte k: digit k and digit k + 1 */
    return make_date((int)((t & 255) * 100 + (t >> 16 & 255)), (int)(t >> 40 & 255), (int)(d1 * 10 + d2), date);
#else
    (void)p;
    (void)date;
    return -1;
#endif
}

/* "2024-01-02,二" in the tables of 同花顺; 周二 and 星期二 as well. */
static bool is_weekday(const char *p, const char *end)
{
    static const char *const before[] = {"星期", "周"}, *const days[] = {"一", "二", "三", "四", "五", "六", "日", "天"};

    while (p < end && (*p == ',' || *p == ' ')) p++;
    for (size_t i = 0; i < 2; i++) {
        const size_t n = strlen(before[i]);
        if ((size_t)(end - p) <= n || memcmp(p, before[i], n) != 0) continue;
        p += n;
        break;
    }
    for (size_t i = 0; i < sizeof days / sizeof *days && end - p == 3; i++)
        if (memcmp(p, days[i], 3) == 0) return true;
    return false;
}

bool gp_stamp_parse(const char *p, size_t n, int32_t *date, int32_t *time)
{
    const char *end = p + n, *q;
    size_t digits;
    char sep = 0;
    int m, d;

    *time = -1;
    if (n == 10) {
        int found = iso_date(p, date);
        if (found >= 0) return found;
    }
    digits = count_digits(p, end);
    if (digits >= 8) return digits_only(p, n, digits, date, time);
    if (digits != 4) return false;
    q = p + 4;
    if (!part(&q, end, "年", &sep) || !one_or_two(&q, end, &m) || !part(&q, end, "月", &sep) ||
        !one_or_two(&q, end, &d))
        return false;
    if (!sep && end - q >= 3 && memcmp(q, "日", 3) == 0) q += 3;
    if (!make_date(number(p, 4), m, d, date)) return false;
    if (q == end) return true;
    if ((*q == ',' || *q == ' ') && is_weekday(q, end)) return true;
    if (*q != ' ' && *q != 'T' && *q != 't') return false;
    while (q < end && (*q == ' ' || *q == 'T' || *q == 't')) q++;
    return clock_text(q, end, time);
}

bool gp_stamp_parse_as(const char *p, size_t n, const char *order, int32_t *date, int32_t *time)
{
    const char *end = p + n, *q = p;
    const bool day_first = *order == 'd';
    int a, b, y;
    char sep = 0;

    if (*order == 'y') return gp_stamp_parse(p, n, date, time);
    *time = -1;
    if (count_digits(p, end) == 8) {
        a = number(p, 2);
        b = number(p + 2, 2);
        y = number(p + 4, 4);
        q = p + 8;
    } else {
        if (!one_or_two(&q, end, &a) || !part(&q, end, "月", &sep) || !sep || !one_or_two(&q, end, &b) || !part(&q, end, "月", &sep) ||
            count_digits(q, end) != 4)
            return false;
        y = number(q, 4);
        q += 4;
    }
    if (!make_date(y, day_first ? b : a, day_first ? a : b, date)) return false;
    if (q == end) return true;
    if (*q != ' ' && *q != 'T' && *q != 't') return false;
    while (q < end && (*q == ' ' || *q == 'T' || *q == 't')) q++;
    return clock_text(q, end, time);
}

int32_t gp_day_number(int32_t yyyymmdd)
{
    int y = yyyymmdd / 10000, m = yyyymmdd / 100 % 100, d = yyyymmdd % 100;

    if (m <= 2) { /* a year that begins in March ends with its leap day */
        y--;
        m += 12;
    }
    return 365 * y + y / 4 - y / 100 + y / 400 + (153 * (m - 3) + 2) / 5 + d - 719469;
}

int32_t gp_day_date(int32_t day)
{
    /* 400 years from 0000-03-01 on are 146097 days; within them a year that begins in March ends with its leap day */
    const int32_t z = day + 719468, era = (z >= 0 ? z : z - 146096) / 146097, of_era = z - era * 146097;
    const int32_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    const int32_t of_year = of_era - (365 * year + year / 4 - year / 100), march = (5 * of_year + 2) / 153;
    const int32_t d = of_year - (153 * march + 2) / 5 + 1, m = march < 10 ? march + 3 : march - 9;
    return (year + era * 400 + (m <= 2)) * 10000 + m * 100 + d;
}
