import { readFileSync } from "node:fs";
import { plantedBugs } from "./planted/table.ts";
for (const bug of plantedBugs as any[]) {
  const text = readFileSync(new URL("../../" + bug.file, import.meta.url), "utf8");
  const n = text.split(bug.find).length - 1;
  if (n !== 1) console.log(bug.id, bug.file, n);
}
