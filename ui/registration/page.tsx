/** @jsxImportSource hono/jsx */
import { raw } from "hono/html";
import type { HtmlEscapedString } from "hono/utils/html";
import { style } from "./style.ts";
import type { Frame, RegistrationView } from "./view.ts";
import { wordsOf, type Words } from "./words.ts";

const signs = { neutral: "", good: "✓", waiting: "●", bad: "■" } as const;

/** The whole HTML of one page. Every text of people is escaped; there is no script to run. */
export function renderRegistration(view: RegistrationView, frame: Frame): string {
  const words = wordsOf(view);
  const page = (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex" />
        <meta name="color-scheme" content="light dark" />
        <title>{words.title} · Everlink</title>
        <style nonce={frame.nonce}>{raw(style)}</style>
      </head>
      <body>
        {frame.sandbox ? (
          <aside class="sandbox" aria-label="Sandbox">
            Sandbox: a pretend Microsoft and SuperOffice. Nothing here is real.
          </aside>
        ) : null}
        <main class={words.tone}>
          <p class="mark">Everlink</p>
          <h1>
            {signs[words.tone] ? (
              <span class="sign" aria-hidden="true">
                {signs[words.tone]}
              </span>
            ) : null}
            {words.title}
          </h1>
          <Content words={words} codePage={frame.codePage} />
        </main>
      </body>
    </html>
  ) as HtmlEscapedString;
  return `<!doctype html>${page}`;
}

function Content({ words, codePage }: { words: Words; codePage: string }) {
  return (
    <>
      {words.paragraphs.map((text) => (
        <p>{text}</p>
      ))}
      {words.touches ? (
        <dl>
          <div>
            <dt>Reads</dt>
            <dd>{words.touches.reads}</dd>
          </div>
          <div>
            <dt>Writes</dt>
            <dd>{words.touches.writes}</dd>
          </div>
          <div>
            <dt>Never touches</dt>
            <dd>{words.touches.never}</dd>
          </div>
        </dl>
      ) : null}
      {words.forward ? <pre>{words.forward}</pre> : null}
      {words.button ? (
        <form method="post" action={words.button.action}>
          <button type="submit">{words.button.label}</button>
        </form>
      ) : null}
      {words.codeField ? <CodeForm {...words.codeField} /> : null}
      {words.stop ? <p class="small">{words.stop}</p> : null}
      {words.offerCode ? (
        <p>
          <a href={codePage}>Type a code instead</a>
        </p>
      ) : null}
      {words.code ? <p class="small">For whoever helps you: {words.code}</p> : null}
    </>
  );
}

function CodeForm({ action, refused }: { action: string; refused: boolean }) {
  return (
    <form method="post" action={action}>
      <label for="code">Code</label>
      {refused ? (
        <p class="error" id="refused" role="alert">
          This code does not work. Check the letters, or ask for a new invitation.
        </p>
      ) : null}
      <input
        id="code"
        name="code"
        required
        maxlength={40}
        autocomplete="one-time-code"
        autocapitalize="characters"
        spellcheck={false}
        placeholder="XXXX-XXXX-XXXX"
        {...(refused ? { "aria-invalid": "true", "aria-describedby": "refused" } : {})}
      />
      <button type="submit">Continue</button>
    </form>
  );
}
