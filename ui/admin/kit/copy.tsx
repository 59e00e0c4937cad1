import { Check, Copy } from "lucide-react";
import { useEffect, useState } from "react";
import { words } from "../words/index.ts";
import { announce } from "./announce.tsx";
import { IconButton } from "./button.tsx";
import { say } from "./toast.tsx";

/** Copies and says so, to eye and ear. @returns whether the browser allowed it */
export async function copy(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    announce(words.copied);
    return true;
  } catch {
    say(words.copyFailed, { failure: true });
    return false;
  }
}

/** @param label  what is copied: "Copy link" */
export function CopyButton({ text, label }: { text: string; label: string }) {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return undefined;
    const timer = setTimeout(() => setCopied(false), 1_500);
    return () => clearTimeout(timer);
  }, [copied]);
  return (
    <IconButton
      label={`${words.copy}: ${label}`}
      className="!size-7 max-sm:!size-11"
      onClick={() => void copy(text).then(setCopied)}
    >
      {copied ? <Check size={14} aria-hidden /> : <Copy size={14} aria-hidden />}
    </IconButton>
  );
}
