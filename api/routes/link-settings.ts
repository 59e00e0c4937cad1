import { z, type OpenAPIHono } from "@hono/zod-openapi";
import type { UserId } from "../../core/ids.ts";
import type { Kind } from "../../core/items/observed.ts";
import {
  settingsNames,
  settingsOf,
  type ChosenSettings,
  type KindSettings,
  type SettingsChange,
  type SettingsName,
} from "../../core/sync/settings.ts";
import type { Tx } from "../../db/client.ts";
import type { KindReading } from "../../db/kinds.ts";
import { changeOrganizationSettings, organizationSettings, type Link } from "../../db/links.ts";
import { changePreviewPolicy, previewPolicy, type PreviewPolicy } from "../../db/preview.ts";
import { availableKinds } from "../../platform/systems.ts";
import {
  changeSettings,
  changeUserSettings,
  contacts,
  diary,
  readOrganizationSettings,
  tasks,
  type KindState,
  type LinkSettings,
  type OrganizationSettings,
  type UserSettings,
  type WholeSettings,
} from "../contract/link-settings.ts";
import type { ApiDependencies } from "../deps.ts";
import { ApiProblem } from "../problems.ts";
import { problemOf, type Spoken } from "./problem-text.ts";
import { record } from "./wish.ts";

/** What syncs, in which direction and how: for everybody, and for one person. */
export function linkSettingsRoutes(app: OpenAPIHono, deps: ApiDependencies): void {
  const { database } = deps;

  app.openapi(changeUserSettings, async (c) => {
    const { organizationId, actor } = c.get("caller");
    const userId = c.req.valid("param").userId as UserId;
    const settings = c.req.valid("json");
    const recorded = await database.inOrganization(organizationId, async (tx) => {
      await demandUnlocked(tx, settings);
      return await record(tx, { organizationId, actor, userId, kind: "settings" }, { settings });
    });
    await deps.deliver({ organizationId, kind: "settings", ...recorded });
    return c.json(recorded, 202);
  });

  app.openapi(readOrganizationSettings, async (c) => {
    const { organizationId } = c.get("caller");
    const shown = await database.inOrganization(organizationId, async (tx) =>
      shownDefaults(await organizationSettings(tx), await previewPolicy(tx)),
    );
    return c.json(shown, 200);
  });

  app.openapi(changeSettings, async (c) => {
    const { organizationId, actor } = c.get("caller");
    const { preview, ...rest } = c.req.valid("json");
    const change = rest as SettingsChange;
    const shown = await database.inOrganization(organizationId, async (tx) => {
      if (preview) await changePreviewPolicy(tx, { organizationId, actor, change: defined(preview) });
      const chosen =
        preview && Object.keys(change).length === 0
          ? await organizationSettings(tx)
          : await changeOrganizationSettings(tx, { organizationId, actor, change });
      return shownDefaults(chosen, await previewPolicy(tx));
    });
    return c.json(shown, 200);
  });
}

/** @throws ApiProblem 409 when the organization has locked a kind that is named */
export async function demandUnlocked(
  tx: Tx,
  settings: { readonly [Name in SettingsName]?: unknown },
): Promise<void> {
  const { locked = [] } = await organizationSettings(tx);
  const named = locked.filter((name) => settings[name] !== undefined);
  if (named.length === 0) return;
  throw new ApiProblem(
    "request.conflict",
    `The organization has locked ${named.join(" and ")}: change the organization's settings instead.`,
  );
}

/** Without what was not said. */
function defined<Part extends object>(part: Part): { [Name in keyof Part]?: Exclude<Part[Name], undefined> } {
  return Object.fromEntries(Object.entries(part).filter(([, value]) => value !== undefined)) as never;
}

function shownDefaults(chosen: ChosenSettings, preview: PreviewPolicy): z.infer<typeof OrganizationSettings> {
  return {
    preview,
    settings: shownSettings(settingsOf(chosen)),
    chosen: shownChoice(chosen),
    locked: [...(chosen.locked ?? [])],
  };
}

/** A person's link as the console shows it: what holds, what was said for this person alone, how each kind does. */
export async function shownLink(
  tx: Tx,
  link: Link,
  readings: { readonly [K in Kind]: KindReading },
  spoken: Spoken,
): Promise<z.infer<typeof UserSettings>> {
  const { locked = [] } = await organizationSettings(tx);
  const available = availableKinds(link.backend);
  const state = (kind: Kind): z.infer<typeof KindState> => {
    const { linked, problem, ...reading } = readings[kind];
    const on = link.settings[kind].direction !== "off";
    const failing = on && problem !== null;
    return {
      ...reading,
      itemLinks: linked,
      locked: locked.includes(settingsNames[kind]),
      state: !available.includes(kind) ? "not-available" : failing ? "failing" : on ? "on" : "off",
      problem: failing ? { ...problemOf(problem.code, problem.since, spoken), since: problem.since } : null,
    };
  };
  return {
    settings: shownSettings(link.settings),
    chosen: shownChoice(link.chosen),
    kinds: { diary: state("appointment"), tasks: state("task"), contacts: state("contact") },
  };
}

/** Of each kind what concerns it: the schemas drop the rest. */
function shownSettings({ appointment, task, contact }: KindSettings): z.infer<typeof WholeSettings> {
  return {
    diary: z.object(diary.shape).parse(appointment),
    tasks: z.object(tasks.shape).parse(task),
    contacts: z.object(contacts.shape).parse(contact),
  };
}

/** Nothing but what these schemas have let in is ever stored. */
function shownChoice({ locked: _locked, ...chosen }: ChosenSettings): z.infer<typeof LinkSettings> {
  return chosen as z.infer<typeof LinkSettings>;
}
