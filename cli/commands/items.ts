import { Option, type Command } from "commander";
import { expectSuccess, type ApiClient } from "../client.ts";
import { awaitOutcome } from "../outcome.ts";
import { findPerson, userIdOf } from "../people.ts";
import { table } from "../table.ts";

type Connect = () => Promise<ApiClient>;
const filters = ["all", "waiting", "left", "conflicts", "kept"] as const;
const choices = ["retry", "take-crm", "take-mailbox", "dismiss"] as const;

/** Single items and the brake: why they are as they are, and what can be decided. */
export function addItemCommands(program: Command, connect: Connect): void {
  program
    .command("findings <person>")
    .description("list what a person may want to decide about single items")
    .action(async (who: string) => {
      const api = await connect();
      const userId = userIdOf(await findPerson(api, who));
      const { findings } = await expectSuccess(
        api.users[":userId"].findings.$get({ param: { userId }, query: { limit: "200" } }),
      );
      console.log(
        findings.length === 0
          ? "Nothing waits for a decision."
          : table(
              ["Item", "Kind", "Since", "Row", "What", "Fields", "Decide with"],
              findings.map((each) => [
                each.itemId,
                each.kind,
                each.since,
                String(each.row),
                each.message,
                each.fields.join(", "),
                each.choices
                  .filter(({ allowed, choice }) => allowed && choice !== "compare")
                  .map(({ choice }) => choice)
                  .join(", "),
              ]),
            ),
      );
    });

  program
    .command("decide <person> <item>")
    .description("decide about an item's finding")
    .addOption(new Option("--choice <choice>").choices([...choices]).makeOptionMandatory())
    .option("--code <code>", "which finding, where there are several")
    .action(
      async (who: string, itemId: string, options: { choice: (typeof choices)[number]; code?: string }) => {
        const api = await connect();
        const param = { userId: userIdOf(await findPerson(api, who)), itemId };
        const item = api.users[":userId"].items[":itemId"];
        const { choice } = options;
        if (choice === "retry") {
          const { commandId } = await expectSuccess(item.retry.$post({ param }));
          return await awaitOutcome(api, commandId, "It is tried again now.");
        }
        const { findings } = await expectSuccess(item.$get({ param, query: {} }));
        const found = findings.find(
          (each) =>
            (options.code === undefined || each.code === options.code) &&
            each.choices.some((possible) => possible.choice === choice),
        );
        if (!found) throw new Error("This item has no finding that could be decided so.");
        const { seen, code } = found;
        const json = choice === "dismiss" ? { choice, code, seen } : { choice, seen };
        const { commandId } = await expectSuccess(item.decision.$post({ param, json }));
        await awaitOutcome(api, commandId, "Decided; the next cycle carries it out.");
      },
    );

  program
    .command("items <person> [item]")
    .description("list a person's items, or tell why one is as it is: its decisions with their row numbers")
    .addOption(new Option("--filter <filter>").choices([...filters]).default("all"))
    .option("--json", "as JSON")
    .action(
      async (
        who: string,
        itemId: string | undefined,
        { filter, json }: { filter: (typeof filters)[number]; json?: boolean },
      ) => {
        const api = await connect();
        const userId = userIdOf(await findPerson(api, who));
        if (itemId === undefined) {
          const { items } = await expectSuccess(
            api.users[":userId"].items.$get({ param: { userId }, query: { filter, limit: "200" } }),
          );
          const rows = items.map((item) => [
            item.id,
            item.kind,
            item.updatedAt,
            item.last === null ? "" : String(item.last.row),
            item.text,
          ]);
          console.log(
            json
              ? JSON.stringify(items, null, 2)
              : table(["Item", "Kind", "Changed", "Row", "How it is"], rows),
          );
          return;
        }
        const detail = await expectSuccess(
          api.users[":userId"].items[":itemId"].$get({ param: { userId, itemId }, query: {} }),
        );
        if (json) {
          console.log(JSON.stringify(detail, null, 2));
          return;
        }
        console.log(`${detail.item.kind}: ${detail.item.text}\n`);
        console.log(
          table(
            ["When", "Row", "What", "Fields"],
            detail.events.map(({ at, row, text, fields }) => [at, String(row), text, fields.join(", ")]),
          ),
        );
        for (const { id, at, side, fields } of detail.kept)
          console.log(`kept ${id}: ${side}, ${at}, ${fields.join(", ")}`);
      },
    );

  program
    .command("restore <person> <item> <version>")
    .description("give a kept version of a conflict back; `items` names them")
    .action(async (who: string, itemId: string, versionId: string) => {
      const api = await connect();
      const param = { userId: userIdOf(await findPerson(api, who)), itemId };
      const { commandId } = await expectSuccess(
        api.users[":userId"].items[":itemId"].decision.$post({
          param,
          json: { choice: "restore", versionId },
        }),
      );
      await awaitOutcome(api, commandId, "Being given back; both sides follow with the next cycles.");
    });

  program
    .command("preview <person>")
    .description("show what the first sync would do; with --accept: let it begin")
    .option("--accept", "begin the first sync")
    .action(async (who: string, { accept }: { accept?: boolean }) => {
      const api = await connect();
      const param = { userId: userIdOf(await findPerson(api, who)) };
      const { state, kinds } = await expectSuccess(api.users[":userId"].preview.$get({ param }));
      if (state !== "ready")
        return console.log(state === "none" ? "Nothing waits for a preview." : "The preview is being made.");
      console.log(
        table(
          ["Kind", "On both", "To SuperOffice", "To the mailbox", "Conflicts", "Left", "Held"],
          kinds.map(({ kind, adopted, writes, conflicts, left, held }) => [
            kind,
            String(adopted),
            told(writes.crm),
            told(writes.mailbox),
            String(conflicts),
            String(left.reduce((sum, { count }) => sum + count, 0)),
            String(held),
          ]),
        ),
      );
      if (!accept) return;
      const { commandId } = await expectSuccess(api.users[":userId"].preview.accept.$post({ param }));
      await awaitOutcome(api, commandId, "The first sync begins.");
    });

  program
    .command("brake <person>")
    .description("show what the brake holds; with --apply or --restore: decide about exactly that")
    .option("--apply", "do what is held")
    .option("--restore", "give the emptied side its items back (`unlink` is the third way out)")
    .action(async (who: string, { apply, restore }: { apply?: boolean; restore?: boolean }) => {
      const api = await connect();
      const param = { userId: userIdOf(await findPerson(api, who)) };
      const { held } = await expectSuccess(api.users[":userId"].brake.$get({ param }));
      if (held.length === 0) return console.log("The brake holds nothing.");
      for (const plan of held)
        console.log(`${plan.kind}: ${plan.text}${plan.choice === null ? "" : ` Decided: ${plan.choice}.`}`);
      if (apply === restore) return;
      const plans = held.map(({ kind, target, planHash }) => ({ kind, target, planHash }));
      const choice = apply ? "apply" : "restore";
      const { commandId } = await expectSuccess(
        api.users[":userId"].brake.$post({ param, json: { choice, plans } }),
      );
      await awaitOutcome(api, commandId, "Decided; the next cycle carries it out.");
    });
}

function told(writes: { create: number; update: number; delete: number }): string {
  return `${writes.create} new, ${writes.update} changed, ${writes.delete} deleted`;
}
