import { Failure } from "../../core/errors/failure.ts";
import type { Account } from "../contract.ts";
import { listAssociates } from "./associates.ts";
import type { SuperOfficeStoreOptions } from "./options.ts";

/** Whether the associate is still one, and `read` can be done on their behalf. */
export async function probeAssociate(
  { client, associateId }: SuperOfficeStoreOptions,
  signal: AbortSignal,
  read: () => Promise<unknown>,
): ReturnType<Account["probe"]> {
  try {
    const [associate] = await listAssociates(client, signal, [associateId]);
    if (!associate || associate.retired) return { ok: false, code: "superoffice.associate-missing" };
    await read();
    return { ok: true };
  } catch (error) {
    if (error instanceof Failure) return { ok: false, code: error.code };
    throw error;
  }
}
