import type { ReactNode } from "react";
import { Refused } from "../remote/client.ts";
import { words } from "../words/index.ts";
import { Button } from "./button.tsx";
import { CopyButton } from "./copy.tsx";

/** Where a list would be: what is the case, and the one thing to do. */
export function Notice(props: { title: string; children?: ReactNode; action?: ReactNode; alert?: boolean }) {
  return (
    <div
      {...(props.alert ? { role: "alert" } : {})}
      className="mx-auto flex max-w-md flex-col items-center gap-2 px-4 py-16 text-center"
    >
      <h2 className="text-base/6">{props.title}</h2>
      {props.children ? <div className="text-soft">{props.children}</div> : null}
      {props.action ? <div className="mt-2">{props.action}</div> : null}
    </div>
  );
}

/** A view that could not be read and has nothing older to show. */
export function FailureNotice(props: { title: string; error: unknown; onRetry: () => void }) {
  return (
    <Notice
      alert
      title={props.title}
      action={
        <Button look="primary" onClick={props.onRetry}>
          {words.retry}
        </Button>
      }
    >
      <p>{messageOf(props.error)}</p>
      <FailureDetails error={props.error} />
    </Notice>
  );
}

/** Could not be updated, while older data stays on the screen. */
export function StaleBar(props: { error: unknown; onRetry: () => void }) {
  return (
    <div
      role="alert"
      className="flex flex-wrap items-center gap-x-3 gap-y-1 border-b border-line bg-waiting-ground px-4 py-1.5"
    >
      <span>
        {words.list.stale} {messageOf(props.error)}
      </span>
      <Button small onClick={props.onRetry}>
        {words.retry}
      </Button>
    </div>
  );
}

/** Code and request id, folded, copyable: what support asks for. */
export function FailureDetails({ error }: { error: unknown }) {
  if (!(error instanceof Refused)) return null;
  const { code, requestId } = error.problem;
  return (
    <details className="mt-2 text-left">
      <summary>{words.problem.details}</summary>
      <p className="mt-1 flex items-center gap-2 font-mono text-xs">
        {code} · {requestId}
        <CopyButton text={`${code} ${requestId}`} label={words.problem.code} />
      </p>
    </details>
  );
}

/** What happened, in words for people. */
export function messageOf(error: unknown): string {
  if (error instanceof Refused) {
    const fields = (error.problem.errors ?? []).map(({ field, message }) => `${field} ${message}`);
    return [error.message, ...fields].join(" ");
  }
  return error instanceof Error ? error.message : words.problem.unknown;
}
