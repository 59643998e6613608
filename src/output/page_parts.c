#include "output/page_parts.h"

/* Nothing is loaded: pictures are in the page, and so is all else. */
const char gp_page_head[] =
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'\">\n"
    "<meta name=\"referrer\" content=\"no-referrer\">\n";

const char gp_page_style[] =
    ":root{--ink:#1d1d1f;--soft:#6b6b70;--line:#dcdce0;--paper:#fff;--tint:#f5f5f7;--red:#c8102e;--green:#00803c;--gold:#b07d00}\n"
    "@media (prefers-color-scheme:dark){:root{--ink:#e8e8ea;--soft:#9a9aa2;--line:#38383c;--paper:#151517;--tint:#212124;--red:#ff5a5f;--green:#3ccf7f;--gold:#f0c040}}\n"
    "*{box-sizing:border-box}\n"
    "body{margin:0 auto;max-width:1280px;padding:16px;color:var(--ink);background:var(--paper);"
    "font:15px/1.5 system-ui,-apple-system,'PingFang SC','Microsoft YaHei','Noto Sans CJK SC',sans-serif}\n"
    "h1{font-size:22px;margin:0}header p{margin:2px 0 12px;color:var(--soft)}h2{font-size:17px;margin:28px 0 8px;scroll-margin-top:8px}\n"
    ".facts{display:grid;grid-template-columns:repeat(auto-fit,minmax(104px,1fr));gap:8px}\n"
    ".facts div{background:var(--tint);border-radius:8px;padding:8px 12px}.facts b{display:block;font-size:18px;font-variant-numeric:tabular-nums;overflow-wrap:anywhere}\n"
    ".facts span{color:var(--soft);font-size:13px}\n"
    ".wide{overflow-x:auto;-webkit-overflow-scrolling:touch}\n"
    "table{border-collapse:collapse;min-width:100%;font-variant-numeric:tabular-nums}\n"
    "th,td{padding:5px 10px;border-bottom:1px solid var(--line);text-align:left;white-space:nowrap}\n"
    "th{position:sticky;top:0;background:var(--paper);padding:0}th button{all:unset;box-sizing:border-box;width:100%;cursor:pointer;padding:6px 10px;display:block;font-weight:600;color:var(--soft)}\n"
    "th button:focus-visible{outline:2px solid var(--gold)}th.n button,.n{text-align:right}\n"
    "th[aria-sort=ascending] button::after{content:' \\25B4'}th[aria-sort=descending] button::after{content:' \\25BE'}\n"
    ".none{color:var(--soft)}tr.entered td:first-child{border-left:4px solid var(--red)}tr.stayed td:first-child{border-left:4px solid var(--line)}\n"
    "tr.left td{color:var(--soft)}tr.left td:first-child{border-left:4px solid var(--green)}\n"
    ".item{display:inline-block;background:var(--tint);border-radius:4px;padding:0 6px;margin-right:2px}\n"
    "a{color:inherit;text-decoration-color:var(--gold);text-underline-offset:3px}\n"
    ".pictures{margin-top:14px;display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,520px),1fr));gap:16px}\n"
    "figure{margin:0;scroll-margin-top:8px}figure:target{outline:3px solid var(--gold);outline-offset:3px}figcaption{margin-bottom:4px;font-weight:600}\n"
    "img{width:100%;height:auto;display:block;border:1px solid var(--line)}\n"
    "details{margin:6px 0}summary{cursor:pointer}pre{background:var(--tint);padding:10px;border-radius:8px;overflow-x:auto;font:13px/1.45 ui-monospace,Menlo,Consolas,'Noto Sans Mono CJK SC',monospace}\n"
    "ul{margin:6px 0;padding-left:22px}ul.grave li::marker{color:var(--red)}footer{margin:32px 0 8px;color:var(--soft);font-size:13px}\n"
    /* a phone: the signals in sight, charts wide enough to be read, the newest bars first */
    "@media screen and (max-width:600px){table{font-size:13px}td,th button{padding-left:5px;padding-right:5px}td:has(.item){white-space:normal;min-width:84px}.item{white-space:nowrap}"
    "figure{overflow-x:auto;direction:rtl}figcaption{direction:ltr;position:sticky;left:0;max-width:calc(100vw - 32px)}img{width:640px}}\n"
    "@media print{th{position:static}.pictures{grid-template-columns:1fr 1fr}figure{break-inside:avoid}}\n";

/* A click on a head sorts: numbers by data-v, texts by the rules of the reader's language; once more turns it round; nulls stay last. */
const char gp_page_script[] =
    "for(const table of document.querySelectorAll('table'))table.querySelectorAll('th').forEach((th,i)=>{\n"
    "  th.firstChild.addEventListener('click',()=>{\n"
    "    const up=th.getAttribute('aria-sort')!=='ascending',body=table.tBodies[0],sign=up?1:-1;\n"
    "    const key=r=>{const c=r.cells[i];return c.classList.contains('none')?null:c.dataset.v===undefined?c.textContent:+c.dataset.v};\n"
    "    const rows=[...body.rows].map((r,k)=>[key(r),k,r]);\n"
    "    rows.sort((a,b)=>a[0]===null||b[0]===null?(a[0]===null)-(b[0]===null)||a[1]-b[1]:\n"
    "      sign*(typeof a[0]==='number'?a[0]-b[0]:a[0].localeCompare(b[0]))||a[1]-b[1]);\n"
    "    table.querySelectorAll('th').forEach(t=>t.removeAttribute('aria-sort'));\n"
    "    th.setAttribute('aria-sort',up?'ascending':'descending');\n"
    "    body.append(...rows.map(r=>r[2]));\n"
    "  });\n"
    "});\n";
