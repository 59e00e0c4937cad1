/** The one style sheet: light and dark by the reader's setting, one column, 44 px targets. */
export const style = `
:root{color-scheme:light dark;--ground:#fff;--ink:#1c1c22;--quiet:#5d5d68;--line:#e3e3e8;--accent:#4338ca;--on:#fff;--good:#17703a;--wait:#8a5200;--bad:#b3261e;--soft:#f6f6f8}
@media(prefers-color-scheme:dark){:root{--ground:#17171b;--ink:#ececf1;--quiet:#a5a5b2;--line:#34343d;--accent:#a5a0ff;--on:#17171b;--good:#6fd391;--wait:#f0b860;--bad:#ff9a92;--soft:#212127}}
*{box-sizing:border-box}
body{background:var(--ground);color:var(--ink);font:16px/26px system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;margin:0}
.sandbox{background:#fff3cd;color:#5c4400;font-size:14px;line-height:20px;padding:8px 16px;text-align:center}
main{margin:0 auto;max-width:560px;padding:48px 24px}
.mark{color:var(--quiet);font-weight:600;margin:0 0 32px}
h1{font-size:28px;font-weight:600;line-height:36px;margin:0 0 16px;overflow-wrap:anywhere}
h1 .sign{display:inline-block;margin-right:8px}
.good .sign{color:var(--good)}.waiting .sign{color:var(--wait)}.bad .sign{color:var(--bad)}
p{margin:0 0 16px;overflow-wrap:anywhere}
dl{border-top:1px solid var(--line);margin:0 0 16px}
dl div{border-bottom:1px solid var(--line);display:flex;gap:16px;padding:8px 0}
dt{color:var(--quiet);flex:0 0 112px}dd{margin:0}
button{background:var(--accent);border:0;border-radius:8px;color:var(--on);cursor:pointer;font:inherit;font-weight:600;min-height:44px;padding:8px 24px;width:100%}
@media(min-width:480px){button{width:auto}}
form{margin:24px 0 16px}
label{display:block;font-weight:600;margin-bottom:8px}
input{background:var(--ground);border:1px solid var(--quiet);border-radius:8px;color:var(--ink);display:block;font:600 20px/28px ui-monospace,Consolas,monospace;letter-spacing:1px;margin-bottom:16px;min-height:44px;padding:8px 12px;text-transform:uppercase;width:100%}
input[aria-invalid=true]{border-color:var(--bad)}
.error{color:var(--bad)}
.small{color:var(--quiet);font-size:14px;line-height:20px}
pre{background:var(--soft);border:1px solid var(--line);border-radius:8px;font:14px/20px ui-monospace,Consolas,monospace;margin:0 0 16px;overflow-wrap:anywhere;padding:12px;white-space:pre-wrap}
a{color:var(--accent)}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
`;
