import { expectSuccess, type ApiClient } from "./client.ts";

const WAIT_MS = 15_000;

/** Waits until the workflow has carried a command out, and says so; a long wait is no failure: it goes on by itself. */
export async function awaitOutcome(api: ApiClient, commandId: string, done: string): Promise<void> {
  const deadline = Date.now() + WAIT_MS;
  while (Date.now() < deadline) {
    const command = await expectSuccess(api.commands[":commandId"].$get({ param: { commandId } }));
    if (command.settledAt !== null) {
      const reason = command.outcome?.reason;
      if (command.outcome?.result === "refused")
        throw new Error(typeof reason === "string" ? reason : "It was refused.");
      console.log(done);
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  console.log("Recorded. It will be carried out as soon as Temporal and the worker are back.");
}
