/* An SVG of gnuplot made fit for every machine, and the page around it that can be zoomed. */
#include "draw/draw.h"

enum { MOST_READOUT = 20000, MOST_LINES = 24 }; /* bars whose numbers go into the page */

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

/* ---- what the page knows of the picture ---- */

/* It stands in a script element. */
void gp_json_text(gp_buf *out, const char *text)
{
    gp_buf json = {0};
    gp_buf_json(&json, gp_str_from(text));
    for (size_t i = 0; i < json.n; i++) {
        if (json.p[i] == '<')
            gp_buf_addz(out, "\\u003c");
        else
            gp_buf_addc(out, json.p[i]);
    }
    gp_buf_free(&json);
}

void gp_json_numbers(gp_buf *out, const double *v, size_t n, int digits)
{
    gp_buf_addc(out, '[');
    for (size_t i = 0; i < n; i++) {
        if (gp_is_drawable(v[i]))
            gp_buf_printf(out, "%s%.*g", i ? "," : "", digits, v[i]);
        else
            gp_buf_printf(out, "%snull", i ? "," : "");
    }
    gp_buf_addc(out, ']');
}

void gp_json_box(gp_buf *out, const gp_box *box, double x0, double x1)
{
    gp_buf_printf(out, "{\"left\":%g,\"right\":%g,\"top\":%g,\"bottom\":%g,\"x0\":%.6g,\"x1\":%.8g", box->left, box->right, box->top, box->bottom, x0, x1);
}

static void line(gp_buf *out, const char *name, const double *v, int n, bool first)
{
    gp_buf_addz(out, first ? "[" : ",[");
    gp_json_text(out, name);
    gp_buf_addc(out, ',');
    gp_json_numbers(out, v, (size_t)n, 7);
    gp_buf_addc(out, ']');
}

void gp_html_facts(const gp_sheet *s, gp_buf *out)
{
    static const char *const words[2][5] = {{"O", "H", "L", "C", "V"}, {"开", "高", "低", "收", "量"}};
    const gp_bars *b = s->p->bars;
    const int n = s->p->n <= MOST_READOUT ? s->p->n : 0, at = s->p->first;
    const double *const v[] = {b->open, b->high, b->low, b->close, b->vol};
    int lines = 0;
    gp_box all = s->panes[0].plot;
    all.bottom = s->panes[s->n_panes - 1].plot.bottom;
    gp_buf_printf(out, "{\"newest\":true,\"columns\":1,\"heading\":%d,\"panels\":[", GP_HEADING);
    gp_json_box(out, &all, s->x0, s->x1);
    gp_buf_addz(out, ",\"label\":[");
    for (int i = 0; i < n; i++) {
        char text[24];
        gp_date_text(b, at + i, text);
        gp_buf_printf(out, "%s\"%s\"", i ? "," : "", text);
    }
    gp_buf_addz(out, "],\"lines\":[");
    for (int k = 0; k < 5; k++)
        if (v[k])
            line(out, words[s->o->zh][k], v[k] + at, n, !lines++);
    for (int k = 0; k < s->n_panes; k++)
        for (size_t j = 0; j < s->panes[k].layers.n && lines < MOST_LINES && n <= MOST_READOUT / 8; j++) {
            const gp_layer *l = s->panes[k].layers.at[j].layer;
            if ((l->kind == GP_LAYER_LINE || l->kind == GP_LAYER_BAND) && l->y[0] && gp_has_name(l))
                line(out, l->name, l->y[0], n, !lines++);
        }
    gp_buf_addz(out, "]}]}");
}

/* Wheel and two fingers zoom, a drag moves, a double click shows the whole; what is under the mouse is read out. */
static const char script[] =
    "(function(){'use strict';\n"
    "var svg=document.querySelector('svg'),out=document.getElementById('bar'),f=JSON.parse(document.getElementById('facts').textContent);\n"
    "var whole=svg.getAttribute('viewBox').split(/\\s+/).map(Number),v,down={},ns='http://www.w3.org/2000/svg';\n"
    "var hair=document.createElementNS(ns,'line');hair.setAttribute('stroke','#808080');hair.setAttribute('stroke-dasharray','3,3');\n"
    "hair.style.display='none';svg.appendChild(hair);\n"
    "function show(){svg.setAttribute('viewBox',v.join(' '));}\n"
    "function at(e){var r=svg.getBoundingClientRect(),k=Math.min(r.width/v[2],r.height/v[3]);\n"
    " return [v[0]+(e.clientX-r.left-(r.width-v[2]*k)/2)/k,v[1]+(e.clientY-r.top-(r.height-v[3]*k)/2)/k,k];}\n"
    "function zoom(p,k){var w=Math.min(Math.max(v[2]*k,whole[2]/60),whole[2]);if(w>=whole[2]){v=whole.slice();show();return;}k=w/v[2];\n"
    " v[0]=p[0]-(p[0]-v[0])*k;v[1]=p[1]-(p[1]-v[1])*k;v[2]*=k;v[3]*=k;keep();}\n"
    "function keep(){v[0]=Math.min(Math.max(v[0],whole[0]),whole[0]+whole[2]-v[2]);v[1]=Math.min(Math.max(v[1],whole[1]),whole[1]+whole[3]-v[3]);show();}\n"
    "function text(q,i,k){return q.label[i]+q.lines.map(function(l){var y=l[1][k];return y==null?'':'   '+l[0]+' '+y+(q.unit||'');}).join('');}\n"
    "function rest(){hair.style.display='none';var q=f.panels[0];out.textContent=f.newest&&q&&q.label.length?text(q,q.label.length-1,q.label.length-1):'';}\n"
    "function read(p){var q=f.panels.filter(function(a){return p[0]>=a.left&&p[0]<=a.right&&p[1]>=a.top&&p[1]<=a.bottom;})[0];\n"
    " if(!q||!q.label.length){rest();return;}\n"
    " var n=q.label.length,x=q.x0+(p[0]-q.left)/(q.right-q.left)*(q.x1-q.x0),i,c;\n"
    " if(q.rows){i=Math.min(Math.floor(x),n-1);c=Math.min(Math.floor((q.bottom-p[1])/(q.bottom-q.top)*q.rows.length),q.rows.length-1);\n"
    "  out.textContent=(q.names[0]+'='+q.label[i]+(q.rows[c]===''?'':'  '+q.names[1]+'='+q.rows[c]))+q.lines.map(function(l){var y=l[1][c*n+i];return y==null?'':'   '+l[0]+' '+y+(q.unit||'');}).join('');\n"
    "  hair.style.display='none';return;}\n"
    " if(q.x){i=0;q.x.forEach(function(a,k){if(q.step?a<=x:Math.abs(a-x)<Math.abs(q.x[i]-x))i=k;});c=q.x[i]+(q.step||0)/2;}\n"
    " else{i=Math.min(Math.max(Math.round(x),0),n-1);c=i;}\n"
    " x=q.left+(c-q.x0)/(q.x1-q.x0)*(q.right-q.left);hair.setAttribute('x1',x);hair.setAttribute('x2',x);hair.setAttribute('y1',q.top);hair.setAttribute('y2',q.bottom);\n"
    " hair.style.display='';out.textContent=text(q,i,i);}\n"
    /* a phone held upright: letters that can be read, the rest by moving or by a double tap; the heading stands above, in lines */
    "if(innerWidth<600){whole[1]+=f.heading;whole[3]-=f.heading;svg.setAttribute('preserveAspectRatio','xMidYMin meet');}\n"
    "v=whole.slice();\n"
    "if(innerWidth<600&&innerWidth<0.6*whole[2]){v[2]=Math.max(innerWidth/0.75,f.columns>1?whole[2]/f.columns:0);if(f.newest)v[0]=whole[0]+whole[2]-v[2];}\n"
    "show();rest();\n"
    "svg.addEventListener('wheel',function(e){e.preventDefault();zoom(at(e),e.deltaY>0?1.2:1/1.2);},{passive:false});\n"
    "svg.addEventListener('dblclick',function(){v=whole.slice();show();});\n"
    "svg.addEventListener('pointerdown',function(e){down[e.pointerId]=e;if(e.pointerType=='mouse')svg.setPointerCapture(e.pointerId);else read(at(e));});\n"
    "function up(e){delete down[e.pointerId];}\n"
    "svg.addEventListener('pointerup',up);svg.addEventListener('pointercancel',up);\n"
    "svg.addEventListener('pointerleave',function(e){up(e);if(e.pointerType=='mouse')rest();});\n"
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
    const char *more = strchr(title, '\n');
    gp_buf first = {0};
    gp_buf_add(&first, title, more ? (size_t)(more - title) : strlen(title));
    gp_buf_printf(out, "<!DOCTYPE html>\n<html lang=\"%s\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>",
                  o->zh ? "zh" : "en");
    xml_text(out, first.p ? first.p : "");
    gp_buf_printf(out,
                  "</title>\n<style>\nhtml,body{margin:0;height:100%%;background:#%06x;color:#%06x;font:13px sans-serif}\nbody{display:flex;flex-direction:column}\n"
                  "svg{display:block;width:100%%;flex:1;min-height:0;touch-action:none;cursor:crosshair;user-select:none;-webkit-user-select:none}\n"
                  "#heading{display:none;padding:6px 12px;color:#%06x;overflow-wrap:anywhere}\n#heading b{color:#%06x;font-size:15px;font-weight:normal}\n"
                  "#bar{min-height:1.8em;line-height:1.8em;padding:0 12px;white-space:pre-wrap}\n"
                  "@media(max-width:599px){#heading{display:block}#bar{min-height:5.4em}}\n</style>\n</head>\n<body>\n<div id=\"heading\"><b>",
                  (unsigned)t.background, (unsigned)t.text, (unsigned)t.dim, (unsigned)t.text);
    xml_text(out, first.p ? first.p : "");
    gp_buf_addz(out, "</b> ");
    xml_text(out, more ? more + 1 : "");
    gp_buf_addz(out, "</div>\n");
    add_svg(svg, out);
    gp_buf_addz(out, "\n<div id=\"bar\"></div>\n<script type=\"application/json\" id=\"facts\">");
    gp_buf_add(out, facts.p, facts.n);
    gp_buf_addz(out, "</script>\n<script>\n");
    gp_buf_add(out, script, sizeof script - 1);
    gp_buf_addz(out, "</script>\n</body>\n</html>\n");
    gp_buf_free(&first);
}

void gp_svg_finish(gp_str svg, gp_buf *out)
{
    gp_buf_addz(out, "<?xml version=\"1.0\" encoding=\"utf-8\" standalone=\"no\"?>\n");
    add_svg(svg, out);
}
