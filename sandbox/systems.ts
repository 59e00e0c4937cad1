import type { SandboxContext, System } from "./context.ts";
import { createEntra } from "./entra/index.ts";
import { createExchange } from "./exchange/index.ts";
import { createGraph } from "./graph/index.ts";
import { createMail } from "./mail/index.ts";
import { createSuperOffice } from "./superoffice/index.ts";

/** All pretend systems, in the order in which they are asked whether a path is theirs. */
export const allSystems: ((context: SandboxContext) => System)[] = [
  createEntra,
  createExchange,
  createGraph,
  createSuperOffice,
  createMail,
];
