import { useEffect } from "react";
import { CopyButton } from "../kit/copy.tsx";
import { words } from "../words/index.ts";

export type SignedOutReason = "none" | "link-expired" | "over" | "signed-out";
const command = "npx everlink admin link";

/** Says how to get in. There is no password, so there is no form. */
export function SignedOut({ reason }: { reason: SignedOutReason }) {
  const expired = reason === "link-expired";
  const title = expired ? words.session.expiredTitle : words.session.title;
  useEffect(() => {
    document.title = `${title} · ${words.brand}`;
  }, [title]);
  return (
    <main className="mx-auto flex min-h-dvh max-w-md flex-col justify-center gap-3 p-6 text-base/[1.625rem]">
      <p className="flex items-center gap-2 font-semibold">
        <img src="/icon.svg" alt="" width={24} height={24} />
        {words.brand}
      </p>
      {reason === "over" ? <p role="status">{words.session.over}</p> : null}
      {reason === "signed-out" ? <p role="status">{words.session.signedOut}</p> : null}
      <div {...(expired ? { role: "alert" } : {})}>
        <h1 className="text-2xl/8">{title}</h1>
      </div>
      <p>{expired ? words.session.expired : words.session.how}</p>
      <p className="flex items-center justify-between gap-2 rounded-md border border-line bg-sunken py-1 pr-1 pl-3 font-mono text-sm">
        <code>{command}</code>
        <CopyButton text={command} label={command} />
      </p>
      <p className="text-soft">{words.session.next}</p>
    </main>
  );
}
