import type { Command } from "commander";
import { directionTable, kindOption, settingsOf, type ChosenDirections } from "../directions.ts";
import type { ApiClient } from "../client.ts";
import { expectSuccess } from "../client.ts";
import { findPerson, listPeople, userIdOf } from "../people.ts";
import { table } from "../table.ts";
import { awaitOutcome } from "../outcome.ts";
import { readFileSync } from "node:fs";

type Connect = () => Promise<ApiClient>;

/** What administrators do with people: the same commands as the console's buttons. */
export function addUserCommands(program: Command, connect: Connect): void {
  program
    .command("users")
    .description("list everybody with state, problem and next sync")
    .option("--search <text>", "part of a name or address")
    .option("--state <states>", "only these states, separated by commas")
    .option("--json", "as JSON")
    .action(async (options: { search?: string; state?: string; json?: boolean }) => {
      const { json, ...query } = options;
      const rows = await listPeople(await connect(), query);
      if (json) {
        console.log(JSON.stringify(rows, null, 2));
        return;
      }
      console.log(
        table(
          ["No.", "Person", "Address", "State", "Last sync", "Next sync", "Problem"],
          rows.map((row) => [
            String(row.associateId),
            row.name,
            row.address,
            row.state,
            row.lastSyncAt ?? "–",
            row.nextSyncAt ?? "–",
            row.problem?.message ?? "",
          ]),
        ),
      );
    });

  program
    .command("invite <people...>")
    .description("invite people by mail; each by number, address or name")
    .option("--subject <line>", "subject of the mail")
    .option("--message-file <file>", "your own words, plain text")
    .option("--sender <name>", "name shown as sender")
    .option("--reply-to <address>", "where answers go")
    .action(
      async (
        people: string[],
        options: { subject?: string; messageFile?: string; sender?: string; replyTo?: string },
      ) => {
        const api = await connect();
        const associateIds: number[] = [];
        for (const who of people) associateIds.push((await findPerson(api, who)).associateId);
        const answer = await expectSuccess(
          api.invitations.$post({
            json: {
              associateIds,
              ...(options.subject ? { subject: options.subject } : {}),
              ...(options.messageFile ? { message: readFileSync(options.messageFile, "utf8") } : {}),
              ...(options.sender ? { senderName: options.sender } : {}),
              ...(options.replyTo ? { replyTo: options.replyTo } : {}),
            },
          }),
        );
        console.log(`${answer.invited} invited, ${answer.refused} not.`);
        for (const result of answer.results) {
          if (result.problem)
            console.log(`  ${result.associateId}: ${result.problem.message} ${result.problem.next}`);
        }
        if (answer.refused > 0) process.exitCode = 1;
      },
    );

  program
    .command("switch-backend <person> <backend>")
    .description("go over to another protocol of the same mailbox (ews or graph), with all item links")
    .action(async (who: string, backend: string) => {
      if (backend !== "ews" && backend !== "graph") throw new Error("The backend is ews or graph.");
      const api = await connect();
      const userId = userIdOf(await findPerson(api, who));
      const { commandId } = await expectSuccess(
        api.users[":userId"].backend.$post({ param: { userId }, json: { backend } }),
      );
      await awaitOutcome(
        api,
        commandId,
        "Noted. The next cycle goes over to it; a missing permission is asked for by mail.",
      );
    });

  program
    .command("restored <system>")
    .description("SuperOffice, or one person's mailbox, came back from a backup: find every item again")
    .option("--person <person>", "whose mailbox")
    .action(async (system: string, options: { person?: string }) => {
      const api = await connect();
      const json =
        system === "mailbox"
          ? ({ system, userId: userIdOf(await findPerson(api, options.person ?? "")) } as const)
          : ({ system: "superoffice" } as const);
      if (system !== json.system) throw new Error("The system is superoffice or mailbox.");
      const { items, people } = await expectSuccess(api.restored.$post({ json }));
      console.log(`${items} items of ${people} people are found again before anything flows.`);
    });

  program
    .command("link <person>")
    .description("link a person's SuperOffice account and mailbox")
    .option("--mailbox <id>", "another registered mailbox than the person's own")
    .addOption(kindOption("diary"))
    .addOption(kindOption("tasks"))
    .addOption(kindOption("contacts"))
    .action(async (who: string, { mailbox, ...directions }: { mailbox?: string } & ChosenDirections) => {
      const api = await connect();
      const row = await findPerson(api, who);
      const { commandId } = await expectSuccess(
        api.users[":userId"].link.$post({
          param: { userId: userIdOf(row) },
          json: {
            ...(mailbox ? { mailboxId: mailbox } : {}),
            ...(Object.keys(directions).length > 0 ? { settings: settingsOf(directions) } : {}),
          },
        }),
      );
      await awaitOutcome(api, commandId, `${row.name} is linked.`);
    });

  program
    .command("settings [person]")
    .description("show what syncs for a person, or for everybody; with a direction: change it")
    .addOption(kindOption("diary"))
    .addOption(kindOption("tasks"))
    .addOption(kindOption("contacts"))
    .option("--preview", "for everybody: somebody accepts each first sync")
    .option("--no-preview", "for everybody: first syncs begin by themselves")
    .action(async (who: string | undefined, options: ChosenDirections & { preview?: boolean }) => {
      const { preview, ...directions } = options;
      const api = await connect();
      const chosen = settingsOf(directions);
      const json =
        who === undefined && preview !== undefined ? { ...chosen, preview: { required: preview } } : chosen;
      const changes = Object.keys(json).length > 0;
      if (who === undefined) {
        const { settings } = await expectSuccess(
          changes ? api.settings.$patch({ json }) : api.settings.$get({}),
        );
        console.log(directionTable(settings));
        return;
      }
      const row = await findPerson(api, who);
      const param = { userId: userIdOf(row) };
      if (changes) {
        const { commandId } = await expectSuccess(api.users[":userId"].settings.$patch({ param, json }));
        await awaitOutcome(api, commandId, `${row.name}: settings changed.`);
      }
      const { link } = await expectSuccess(api.users[":userId"].$get({ param }));
      console.log(link ? directionTable(link.settings, link.kinds) : `${row.name} is not linked.`);
    });

  const simple = [
    ["sync", "run a cycle now", "sync-now", "A cycle was started."],
    ["reauth", "mail a sign-in link", "reauth", "A sign-in link is on its way."],
    ["pause", "pause syncing", "pause", "Paused."],
    ["resume", "resume syncing", "resume", "Resumed."],
  ] as const;
  for (const [name, description, route, done] of simple) {
    program
      .command(`${name} <person>`)
      .description(description)
      .action(async (who: string) => {
        const api = await connect();
        const userId = userIdOf(await findPerson(api, who));
        const { commandId } = await expectSuccess(api.users[":userId"][route].$post({ param: { userId } }));
        await awaitOutcome(api, commandId, done);
      });
  }

  program
    .command("delete <person>")
    .description("erase one person from Everlink; their items stay where they are")
    .option("--yes", "do it without asking")
    .action(async (who: string, options: { yes?: boolean }) => {
      const api = await connect();
      const row = await findPerson(api, who);
      const userId = userIdOf(row);
      if (!options.yes) {
        throw new Error(
          `This erases ${row.name}: sign-in, link and history. Items stay in both systems. Say --yes to do it.`,
        );
      }
      await expectSuccess(api.users[":userId"].$delete({ param: { userId } }));
      console.log("Erasing …");
      for (;;) {
        const receipt = await expectSuccess(api.erasures[":userId"].$get({ param: { userId } }));
        if (receipt.completedAt) {
          console.log(JSON.stringify(receipt, null, 2));
          return;
        }
        await new Promise((resolve) => setTimeout(resolve, 500));
      }
    });
}
