import { useEffect } from "react";
import { words } from "../words/index.ts";
import { Connections } from "./connections.tsx";
import { Defaults } from "./defaults.tsx";
import { FirstSync } from "./first-sync.tsx";
import { Tokens } from "./tokens.tsx";

/** What is set once: what syncs, who else may use the API, and what Everlink is connected with. */
export function SettingsPage() {
  useEffect(() => {
    document.title = `${words.settings.title} · ${words.brand}`;
  }, []);
  return (
    <div className="mx-auto flex w-full max-w-4xl flex-col gap-8 px-4 py-6">
      <h1 className="text-xl/7">{words.settings.title}</h1>
      <Defaults />
      <FirstSync />
      <Tokens />
      <Connections />
    </div>
  );
}
