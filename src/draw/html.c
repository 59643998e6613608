/* An SVG of gnuplot made fit for every machine, and the page around it that can be zoomed. */
#include "draw/draw.h"

enum { MOST_READOUT = 20000 }; /* bars whose numbers go into the page */

/* ---- the SVG ---- */

static const char *find(gp_str s, size_t from, const char *what)
{
    return from < s.n ? memmem(s.p + from, s.n - from, what, strlen(what)) : NULL;
}

/* The next place of one of the words at or after from; *which says of which. */
static const char *next_of(gp_str s, size_t from, const char *const *words, int n, int *which)
{
    const char *best = NULL;
    for (int k = 0; k < n; k++) {
        const char *p = find(s, from, words[k]);
        if (p && (!best || p < best)) {
            best = p;
            *which = k;
        }
    }
    return best;
}

/* gnuplot draws lines of a pixel from corner to corner, so that each would colour two pixels by half, and a hollow candle look full: all is moved
 * by half a pixel, and the background reaches beyond the edges. */
static void move_to_pixels(gp_buf *svg)
{
    static const char *const words[][2] = {{"<g id=\"gnuplot_canvas\">", "<g id=\"gnuplot_canvas\" transform=\"translate(0.5,0.5)\">"},
                                           {"<rect x=\"0\" y=\"0\"", "<rect x=\"-1\" y=\"-1\" transform=\"scale(1.01)\""}};
    for (size_t k = 0; k < 2; k++) {
        const char *at = find((gp_str){svg->p, svg->n}, 0, words[k][0]);
        gp_buf out = {0};
        if (!at)
            return;
        gp_buf_add(&out, svg->p, (size_t)(at - svg->p));
        gp_buf_addz(&out, words[k][1]);
        at += strlen(words[k][0]);
        gp_buf_add(&out, at, svg->n - (size_t)(at - svg->p));
        gp_buf_free(svg);
        *svg = out;
    }
}

/* The font of this machine may be missing where the picture is looked at: others follow it.  gnuplot's titles would show up under the
 * mouse. */
static void plain_svg(gp_str file, gp_buf *out)
{
    static const char *const begins[] = {"font-family=\"", "<title>", "<desc>"}, *const ends[] = {"\"", "</title>", "</desc>"};
    static const char other[] = ", PingFang SC, Microsoft YaHei, Noto Sans CJK SC, WenQuanYi Micro Hei, sans-serif";
    const char *svg = find(file, 0, "<svg"), *p;
    size_t at = svg ? (size_t)(svg - file.p) : 0;
    int which = 0;
    while ((p = next_of(file, at, begins, 3, &which)) != NULL) {
        const size_t from = (size_t)(p - file.p), inside = from + strlen(begins[which]);
        const char *end = find(file, inside, ends[which]);
        if (!end)
            break;
        const size_t stop = (size_t)(end - file.p);
        gp_buf_add(out, file.p + at, (which ? from : stop) - at);
        if (!which)
            gp_buf_addz(out, other);
        at = which ? stop + strlen(ends[which]) : stop;
    }
    gp_buf_add(out, file.p + at, file.n - at);
}

static void add_svg(gp_str file, gp_buf *out)
{
    gp_buf svg = {0};
    plain_svg(file, &svg);
    move_to_pixels(&svg);
    gp_buf_add(out, svg.p ? svg.p : "", svg.n);
    gp_buf_free(&svg);
}

/* ---- the page ---- */

static void xml_text(gp_buf *out, const char *text)
{
    for (; *text; text++)
        switch (*text) {
        case '<': gp_buf_addz(out, "&lt;"); break;
        case '>': gp_buf_addz(out, "&gt;"); break;
        case '&': gp_buf_addz(out, "&amp;"); break;
        case '"': gp_buf_addz(out, "&quot;"); break;
        default: gp_buf_addc(out, (unsigned char)*text < 0x20 ? ' ' : *text); break;
        }
}

static void numbers(gp_buf *out, const char *name, const double *v, int n)
{
    gp_buf_printf(out, ",\"%s\":[", name);
    for (int i = 0; v && i < n; i++) {
        if (gp_is_drawable(v[i]))
            gp_buf_printf(out, "%s%.10g", i ? "," : "", v[i]);
        else
            gp_buf_printf(out, "%snull", i ? "," : "");
    }
    gp_buf_addc(out, ']');
}

void gp_html_facts(const gp_sheet *s, gp_buf *out)
{
    const gp_bars *b = s->p->bars;
    const int n = s->p->n <= MOST_READOUT ? s->p->n : 0, at = s->p->first;
    const gp_box *main = &s->panes[0].plot;
    gp_buf_printf(out, "{\"left\":%g,\"right\":%g,\"top\":%g,\"bottom\":%g,\"x0\":%.6g,\"x1\":%.8g,\"words\":[%s],\"date\":[", main->left, main->right, main->top,
                  s->panes[s->n_panes - 1].plot.bottom, s->x0, s->x1, s->o->zh ? "\"开\",\"高\",\"低\",\"收\",\"量\"" : "\"O\",\"H\",\"L\",\"C\",\"V\"");
    for (int i = 0; i < n; i++) {
        char text[24];
        gp_date_text(b, at + i, text);
        gp_buf_printf(out, "%s\"%s\"", i ? "," : "", text);
    }
    gp_buf_addc(out, ']');
    numbers(out, "open", b->open ? b->open + at : NULL, n);
    numbers(out, "high", b->high ? b->high + at : NULL, n);
    numbers(out, "low", b->low ? b->low + at : NULL, n);
    numbers(out, "close", b->close ? b->close + at : NULL, n);
    numbers(out, "volume", b->vol ? b->vol + at : NULL, n);
    gp_buf_addc(out, '}');
}

/* Wheel and two fingers zoom, a drag moves, a double click shows the whole; the bar under the mouse is read out. */
static const char script[] =
    "(function(){'use strict';\n"
    "var svg=document.querySelector('svg'),out=document.getElementById('bar'),f=JSON.parse(document.getElementById('facts').textContent);\n"
    "var whole=svg.getAttribute('viewBox').split(/\\s+/).map(Number),v=whole.slice(),down={},ns='http://www.w3.org/2000/svg';\n"
    "var hair=document.createElementNS(ns,'line');hair.setAttribute('stroke','#808080');hair.setAttribute('stroke-dasharray','3,3');\n"
    "hair.setAttribute('y1',f.top);hair.setAttribute('y2',f.bottom);hair.style.display='none';svg.appendChild(hair);\n"
    "function show(){svg.setAttribute('viewBox',v.join(' '));}\n"
    "function at(e){var r=svg.getBoundingClientRect(),k=Math.min(r.width/v[2],r.height/v[3]);\n"
    " return [v[0]+(e.clientX-r.left-(r.width-v[2]*k)/2)/k,v[1]+(e.clientY-r.top-(r.height-v[3]*k)/2)/k,k];}\n"
    "function zoom(p,k){var w=Math.min(Math.max(v[2]*k,whole[2]/60),whole[2]);if(w>=whole[2]){v=whole.slice();show();return;}k=w/v[2];\n"
    " v[0]=p[0]-(p[0]-v[0])*k;v[1]=p[1]-(p[1]-v[1])*k;v[2]*=k;v[3]*=k;keep();}\n"
    "function keep(){v[0]=Math.min(Math.max(v[0],whole[0]),whole[0]+whole[2]-v[2]);v[1]=Math.min(Math.max(v[1],whole[1]),whole[1]+whole[3]-v[3]);show();}\n"
    "function read(p){var i=Math.round(f.x0+(p[0]-f.left)/(f.right-f.left)*(f.x1-f.x0)),t='';\n"
    " if(i<0||i>=f.date.length||p[0]<f.left||p[0]>f.right){hair.style.display='none';out.textContent='';return;}\n"
    " var x=f.left+(i-f.x0)/(f.x1-f.x0)*(f.right-f.left);hair.setAttribute('x1',x);hair.setAttribute('x2',x);hair.style.display='';\n"
    " ['open','high','low','close','volume'].forEach(function(n,k){var y=f[n][i];if(y!=null)t+='  '+f.words[k]+' '+y;});out.textContent=f.date[i]+t;}\n"
    /* a phone held upright: the newest bars in letters that can be read, the rest by moving or by a double tap */
    "if(innerWidth<600&&innerWidth<0.6*whole[2]){v[2]=innerWidth/0.75;v[0]=whole[0]+whole[2]-v[2];show();}\n"
    "svg.addEventListener('wheel',function(e){e.preventDefault();zoom(at(e),e.deltaY>0?1.2:1/1.2);},{passive:false});\n"
    "svg.addEventListener('dblclick',function(){v=whole.slice();show();});\n"
    "svg.addEventListener('pointerdown',function(e){down[e.pointerId]=e;if(e.pointerType=='mouse')svg.setPointerCapture(e.pointerId);});\n"
    "function up(e){delete down[e.pointerId];}\n"
    "svg.addEventListener('pointerup',up);svg.addEventListener('pointercancel',up);\n"
    "svg.addEventListener('pointerleave',function(e){up(e);hair.style.display='none';out.textContent='';});\n"
    "svg.addEventListener('pointermove',function(e){var ids=Object.keys(down),b=down[e.pointerId],p=at(e);\n"
    " if(!b){read(p);return;}\n"
    " if(ids.length==2){var o=down[ids[0]==e.pointerId?ids[1]:ids[0]],d0=Math.hypot(b.clientX-o.clientX,b.clientY-o.clientY),d1=Math.hypot(e.clientX-o.clientX,e.clientY-o.clientY);\n"
    "  if(d0>0&&d1>0)zoom(at(o),d0/d1);}\n"
    " else{v[0]-=(e.clientX-b.clientX)/p[2];v[1]-=(e.clientY-b.clientY)/p[2];keep();}\n"
    " down[e.pointerId]=e;});\n"
    "})();\n";

void gp_html_page(const gp_picture_opts *o, const char *title, gp_str facts, gp_str svg, gp_buf *out)
{
    const gp_theme t = gp_theme_of(o);
    gp_buf_printf(out, "<!DOCTYPE html>\n<html lang=\"%s\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>",
                  o->zh ? "zh" : "en");
    xml_text(out, title);
    gp_buf_printf(out,
                  "</title>\n<style>\nhtml,body{margin:0;height:100%%;background:#%06x;color:#%06x;font:13px sans-serif}\n"
                  "svg{display:block;width:100%%;height:calc(100vh - 1.8em);touch-action:none;cursor:crosshair;user-select:none;-webkit-user-select:none}\n"
                  "#bar{height:1.8em;line-height:1.8em;padding-left:12px;white-space:pre;overflow:hidden}\n</style>\n</head>\n<body>\n",
                  (unsigned)t.background, (unsigned)t.text);
    add_svg(svg, out);
    gp_buf_addz(out, "\n<div id=\"bar\"></div>\n<script type=\"application/json\" id=\"facts\">");
    gp_buf_add(out, facts.p, facts.n);
    gp_buf_addz(out, "</script>\n<script>\n");
    gp_buf_add(out, script, sizeof script - 1);
    gp_buf_addz(out, "</script>\n</body>\n</html>\n");
}

void gp_svg_finish(gp_str svg, gp_buf *out)
{
    gp_buf_addz(out, "<?xml version=\"1.0\" encoding=\"utf-8\" standalone=\"no\"?>\n");
    add_svg(svg, out);
}
