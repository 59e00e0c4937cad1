import { describe, expect, it } from "vitest";
import type { ErrorCode } from "../errors/table.ts";
import { allowed } from "./allowed.ts";
import { everyEvent, hold, mailbox, moment, removalOf, someone } from "./builders.testing.ts";
import { commandKinds } from "./commands.ts";
import type { Instruction, Transition } from "./events.ts";
import { isCommand, reduce } from "./reduce.ts";
import { holdCodes, shownState, stages, type Duty, type Trouble, type UserState } from "./state.ts";
import { table } from "./table.ts";

const mail: Duty = {
  type: "mail",
  key: "mail-1",
  mail: "invitation",
  invitationId: "invitation-1",
  reason: null,
  attempts: 0,
  notBefore: moment().now,
};

/** An instruction with all that it says; what the timeline is told stands in quotation marks. */
function inWords({ type, ...instruction }: Instruction): string {
  if (type !== "tell") return [type, ...details(instruction)].join(" ");
  const { kind, detail } = instruction as Omit<Extract<Instruction, { type: "tell" }>, "type">;
  return `“${[kind, ...details(detail)].join(" ")}”`;
}

function details(of: object): string[] {
  return Object.entries(of).map(([name, value]) =>
    typeof value === "string" ? value.replace(mailbox, "mailbox") : `${name} ${JSON.stringify(value)}`,
  );
}

/** What changed, in words short enough for a cell. */
function told(before: UserState, { state, commands, outcome }: Transition): string {
  if (!outcome.accepted) return `no: ${outcome.reason}`;
  const parts: string[] = [];
  if (state.stage !== before.stage) parts.push(`→ ${state.stage}`);
  for (const code of holdCodes) {
    const [was, is] = [before, state].map(({ holds }) => holds.some((each) => each.code === code));
    if (was !== is) parts.push(`${is ? "+" : "−"} ${code}`);
  }
  const keys = new Set(before.duties.map(({ key }) => key));
  for (const duty of state.duties) {
    if (!keys.has(duty.key)) parts.push(duty.type === "mail" ? `mail ${duty.mail}` : "revoke");
  }
  for (const command of commands) parts.push(inWords(command));
  if (state.cycleAt !== before.cycleAt) {
    const seconds = state.cycleAt && (Date.parse(state.cycleAt) - Date.parse(moment().now)) / 1000;
    parts.push(seconds === null ? "no cycle" : `cycle in ${seconds} s`);
  }
  if (state.trouble !== before.trouble) {
    const { attempts, since } = state.trouble ?? { attempts: 0, since: "" };
    parts.push(
      state.trouble === null ? "well again" : `failed ${attempts} times since ${since.slice(11, 16)}`,
    );
  }
  if (parts.length === 0) return state === before ? "·" : "noted";
  return parts.join(", ");
}

function tableOf(columns: readonly (readonly [string, UserState])[]): string {
  const rows = everyEvent.map(([name, event]) => [
    name,
    ...columns.map(([, state]) => told(state, reduce(state, event, moment()))),
  ]);
  return [["event", ...columns.map(([name]) => name)], columns.map(() => "---").concat("---"), ...rows]
    .map((cells) => `| ${cells.join(" | ")} |`)
    .join("\n");
}

describe("the transition table", () => {
  it("is what transitions.md shows, for every stage, hold and event", async () => {
    const byStage = stages.map((stage) => {
      const state = someone(stage);
      const mailed = stage === "invited" || stage === "registered" ? { ...state, duties: [mail] } : state;
      return [stage, mailed] as const;
    });
    const byHold = holdCodes.map((code) => [code, someone("syncing", hold(code))] as const);
    const well = someone("syncing");
    const trouble = (problem: ErrorCode): Trouble => ({ problem, since: moment().now, attempts: 1 });
    const blockedBefore = { ...trouble("entra.conditional-access"), attempts: 3 };
    const planning = { ...someone("linked", hold("preview")), cycleAt: moment().now };
    const begun = someone("syncing", { ...hold("removal"), removal: removalOf(moment().now) });
    const text = [
      "# Every stage × every event",
      "",
      "Written by `transitions.test.ts` from the code: `·` means that nothing changes, `no:` is the answer to a",
      "command that is not allowed, and what the timeline is told stands in “quotation marks”. Invited and registered",
      "have one mail (`mail-1`) on its way.",
      "",
      tableOf(byStage),
      "",
      "# Syncing, under each hold",
      "",
      tableOf([...byHold, ["removal, begun", begun]]),
      "",
      "# With a past",
      "",
      tableOf([
        ["linked, plan being made", planning],
        ["linked, plan to be accepted", someone("linked", { ...hold("preview"), madeAt: moment().now })],
        ["linked, plan and a pause", someone("linked", hold("preview"), hold("paused"))],
        ["sign-in suspected", { ...well, trouble: trouble("entra.grant-revoked") }],
        ["needs-reauth, mailed", someone("syncing", { ...hold("needs-reauth"), mailedAt: moment().now })],
        ["needs-reauth, paused", someone("syncing", hold("needs-reauth"), hold("paused"))],
        ["two storms", { ...well, trouble: { ...trouble("network.unreachable"), attempts: 2 } }],
        ["blocked before", { ...someone("syncing", hold("blocked")), trouble: blockedBefore }],
        [
          "permission to be destroyed",
          { ...someone("disconnected"), duties: [{ type: "revoke", key: "mail-1" }] },
        ],
      ]),
      "",
    ].join("\n");
    await expect(text).toMatchFileSnapshot("./transitions.md");
  });

  it("has a transition exactly where a command is allowed", () => {
    for (const kind of commandKinds) {
      for (const stage of stages) {
        const variants = [
          someone(stage),
          { ...someone(stage), invitation: null },
          ...holdCodes.map((code) => someone(stage, hold(code))),
        ];
        const possible = variants.some((state) => allowed(state, kind).allowed);
        expect([kind, stage, table[kind][stage] !== undefined]).toEqual([kind, stage, possible]);
      }
    }
  });

  it("gives a human reason for everything that is refused", () => {
    for (const kind of commandKinds) {
      for (const stage of stages) {
        const permission = allowed(someone(stage), kind);
        if (!permission.allowed) expect(permission.reason).toMatch(/^[A-Z].*\.$/u);
      }
    }
  });

  it("never changes the state it was given", () => {
    for (const stage of stages) {
      for (const [, event] of everyEvent) {
        const state = someone(stage, ...holdCodes.map(hold));
        const copy = structuredClone(state);
        reduce(state, event, moment());
        expect(state).toEqual(copy);
      }
    }
  });

  it("shows the worst word first", () => {
    expect(shownState(someone("syncing"))).toBe("syncing");
    expect(shownState(someone("syncing", hold("paused"), hold("gate")))).toBe("gate");
    expect(shownState(someone("syncing", hold("needs-reauth"), hold("blocked")))).toBe("blocked");
    expect(shownState(someone("disconnected", hold("blocked")))).toBe("disconnected");
    expect(isCommand(everyEvent[0]![1])).toBe(true);
  });
});
