/** Text made safe for HTML, in element content and in quoted attributes. */
export const escapeHtml = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

/** One stylesheet for all pages of the sandbox: calm, light and dark, no script, nothing loaded. */
const style = `
  :root { color-scheme: light dark; --ground: #f3f4f6; --sheet: #fff; --ink: #1b1f24; --faint: #5b6470;
    --line: #d8dce2; --accent: #1f5fbf; --accent-ink: #fff; --bad: #b3261e; }
  @media (prefers-color-scheme: dark) { :root { --ground: #14171b; --sheet: #1e2228; --ink: #e8eaed;
    --faint: #a0a8b3; --line: #363c45; --accent: #7fb0ff; --accent-ink: #10233f; --bad: #ff9b93; } }
  * { box-sizing: border-box; }
  body { margin: 0; background: var(--ground); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
  a { color: var(--accent); }
  h1 { font-size: 1.45rem; line-height: 1.25; margin: 0 0 .75rem; }
  .sheet { background: var(--sheet); border: 1px solid var(--line); border-radius: 10px; padding: 2rem; }
  .narrow { max-width: 27rem; margin: 8vh auto 2rem; }
  .wide { max-width: 62rem; margin: 2rem auto; }
  .faint { color: var(--faint); font-size: .9rem; }
  .bad { color: var(--bad); margin: 0 0 1rem; }
  label { display: block; font-size: .9rem; margin: 1rem 0 .25rem; }
  input[type=text], input[type=email], input[type=password], input[type=search] { width: 100%; padding: .6rem .7rem;
    border: 1px solid var(--line); border-radius: 6px; background: var(--ground); color: inherit; font: inherit; }
  .actions { display: flex; gap: .75rem; justify-content: flex-end; margin-top: 1.5rem; flex-wrap: wrap; }
  button { font: inherit; padding: .55rem 1.2rem; border-radius: 6px; border: 1px solid var(--line);
    background: transparent; color: inherit; cursor: pointer; }
  button.main { background: var(--accent); border-color: var(--accent); color: var(--accent-ink); }
  :focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
  ul.plain { list-style: none; padding: 0; margin: 1rem 0; }
  ul.plain li { padding: .6rem 0; border-top: 1px solid var(--line); }
  .account { width: 100%; text-align: left; padding: .8rem 1rem; }
  .brand { font-weight: 600; margin-bottom: 1.25rem; display: flex; gap: .6rem; align-items: center; }
  .brand svg { width: 1.4rem; height: 1.4rem; }
  table { width: 100%; border-collapse: collapse; } th, td { text-align: left; padding: .5rem .6rem;
    border-top: 1px solid var(--line); vertical-align: top; } th { font-weight: 600; font-size: .9rem; }
  iframe { width: 100%; height: 60vh; border: 1px solid var(--line); border-radius: 6px; background: #fff; }
  pre { white-space: pre-wrap; overflow-wrap: anywhere; }
`;

const mark = `<svg viewBox="0 0 24 24" aria-hidden="true"><path fill="currentColor"
  d="M4 4h16v3H8v3.5h10v3H8V17h12v3H4z"/></svg>`;

/** A whole page. `body` is HTML and must have been escaped; `title` is text. */
export function page(title: string, body: string, options: { wide?: boolean; brand?: string } = {}): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<style>${style}</style>
</head>
<body>
<main class="sheet ${options.wide ? "wide" : "narrow"}">
<div class="brand">${mark}<span>${escapeHtml(options.brand ?? "Everlink sandbox")}</span></div>
${body}
</main>
</body>
</html>
`;
}

/** Headers of an HTML answer; pages load nothing and run nothing. */
export const htmlHeaders = (extraPolicy = ""): Record<string, string> => ({
  "content-type": "text/html; charset=utf-8",
  "cache-control": "no-store",
  "referrer-policy": "no-referrer",
  "content-security-policy": `default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'${extraPolicy}`,
});
