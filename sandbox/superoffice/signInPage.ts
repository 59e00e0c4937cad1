/** SuperID's sign-in as one plain form; the request's parameters travel along as hidden fields. */
export function signInPage(values: URLSearchParams, problem: string | undefined): string {
  const hidden = [...values]
    .filter(([name]) => name !== "username" && name !== "password")
    .map(([name, value]) => `<input type="hidden" name="${escape(name)}" value="${escape(value)}">`)
    .join("\n      ");
  const hint = escape(values.get("username") ?? values.get("login_hint") ?? "");
  return `<!doctype html>
<html lang="en">
  <head><meta charset="utf-8"><title>SuperID (sandbox)</title>
    <style>body{font:16px system-ui;max-width:24rem;margin:4rem auto}label,input,button{display:block;width:100%;margin:.5rem 0}</style>
  </head>
  <body>
    <h1>Sign in with SuperID</h1>
    ${problem === undefined ? "" : `<p role="alert">${escape(problem)}</p>`}
    <form method="post" action="/login/common/oauth/authorize">
      ${hidden}
      <label>User name <input name="username" autocomplete="username" value="${hint}" required></label>
      <label>Password <input name="password" type="password" autocomplete="current-password" required></label>
      <button>Sign in and approve</button>
    </form>
  </body>
</html>
`;
}

function escape(text: string): string {
  const entities: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
  return text.replace(/[&<>"]/g, (character) => entities[character] ?? character);
}
