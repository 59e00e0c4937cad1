import { Option, type Command } from "commander";
import { expectSuccess, type ApiClient } from "../client.ts";
import { awaitOutcome } from "../outcome.ts";
import { findPerson, userIdOf } from "../people.ts";

const sides = { mailbox: "mailbox", superoffice: "crm" } as const;
type SideName = keyof typeof sides;
interface UnlinkOptions {
  removeFrom?: SideName;
  plan?: string;
}

/** The end of a link, with its two ways, and the way back. */
export function addUnlinkCommands(program: Command, connect: () => Promise<ApiClient>): void {
  program
    .command("unlink <person>")
    .description("stop syncing; items stay, or what Everlink made on one side is removed there")
    .addOption(
      new Option("--remove-from <side>", "show what would be removed there").choices(Object.keys(sides)),
    )
    .option("--plan <id>", "do what the plan with this id shows")
    .action(async (who: string, { removeFrom, plan: planId }: UnlinkOptions) => {
      const api = await connect();
      const row = await findPerson(api, who);
      const { name } = row;
      const param = { userId: userIdOf(row) };
      const user = api.users[":userId"];
      if (removeFrom === undefined) {
        if (planId !== undefined) throw new Error("Say --remove-from as well.");
        const { commandId } = await expectSuccess(user.unlink.$post({ param, json: {} }));
        return await awaitOutcome(api, commandId, "Unlinked. All items stay where they are.");
      }
      const from = sides[removeFrom];
      if (planId === undefined) {
        const begun = await expectSuccess(user["removal-plans"].$post({ param, json: { from } }));
        const shown = await planOf(api, param.userId, begun.planId);
        console.log(shown);
        console.log(`Nothing is removed yet. To do it: --remove-from ${removeFrom} --plan ${begun.planId}`);
        return;
      }
      const json = { copies: "remove", from, planId } as const;
      const { commandId } = await expectSuccess(user.unlink.$post({ param, json }));
      await awaitOutcome(api, commandId, `${name} syncs no more.`);
      const { removal } = await expectSuccess(user.removal.$get({ param }));
      if (removal)
        console.log(`The removal begins at ${removal.startsAt}; until then: everlink undo-unlink "${name}".`);
    });

  program
    .command("undo-unlink <person>")
    .description("go on syncing, as long as the removal has not begun")
    .action(async (who: string) => {
      const api = await connect();
      const userId = userIdOf(await findPerson(api, who));
      const { commandId } = await expectSuccess(
        api.users[":userId"].unlink.undo.$post({ param: { userId } }),
      );
      await awaitOutcome(api, commandId, "Undone. Sync goes on.");
    });
}

/** Waits until it is made. @returns lines for people */
async function planOf(api: ApiClient, userId: string, planId: string): Promise<string> {
  for (;;) {
    const plan = await expectSuccess(
      api.users[":userId"]["removal-plans"][":planId"].$get({ param: { userId, planId } }),
    );
    if (plan.problem) throw new Error(`${plan.problem.message} ${plan.problem.next}`);
    if (plan.state === "ready") {
      const lines = plan.kinds.flatMap(({ kind, removes, stays, samples }) => [
        `${kind}: ${removes} would be removed`,
        ...stays.map(({ count, message }) => `  ${count} stay: ${message}`),
        ...samples.map(({ when }) => `  for example ${when ?? "one without a time"}`),
      ]);
      return lines.length === 0 ? "There is nothing that Everlink has made." : lines.join("\n");
    }
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}
