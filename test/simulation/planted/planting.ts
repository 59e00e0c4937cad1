import { readFileSync } from "node:fs";
import { registerHooks } from "node:module";
import type { PlantedBug } from "./table.ts";

const root = new URL("../../../", import.meta.url);

/** The source with the bug in it. @throws when the place is not there exactly once: the code moved on, the bug must follow */
export function plantedSource({ id, file, find, replace }: PlantedBug): string {
  const source = readFileSync(new URL(file, root), "utf8");
  const count = source.split(find).length - 1;
  if (count !== 1) throw new Error(`${id}: ${file} has the planted place ${count} times, not once`);
  return source.replace(find, () => replace);
}

/** From now on in this thread, that file is loaded with the bug in it; nothing on disk changes. */
export function plant(bug: PlantedBug): void {
  const source = plantedSource(bug);
  const url = new URL(bug.file, root).href;
  registerHooks({
    load: (wanted, context, nextLoad) =>
      wanted === url
        ? { format: "module-typescript", source, shortCircuit: true }
        : nextLoad(wanted, context),
  });
}
