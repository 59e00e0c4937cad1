import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { chromium, type Browser, type BrowserContext, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startInstallation, type Installation } from "../../scripts/demo/installation.ts";
import { until } from "../../scripts/demo/report.ts";
import { Sandbox, type Person } from "../../scripts/demo/sandbox.ts";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** The first slice as an administrator and a colleague live it, in a real browser, each in a context of their own. */
describe("console and registration page in Chromium", () => {
  let installation: Installation;
  let browser: Browser;
  let administrator: Page;
  let person: Person;
  const problems: string[] = [];

  beforeAll(async () => {
    installation = await startInstallation({
      syncIntervalSeconds: 10,
      env: { EVERLINK_UNLINK_UNDO_SECONDS: "15" },
    });
    setDefaultCACertificates([
      ...getCACertificates("default"),
      readFileSync(join(installation.dataDir, "tls/ca.pem"), "utf8"),
    ]);
    browser = await chromium.launch({
      ...(process.env.CHROMIUM_PATH ? { executablePath: process.env.CHROMIUM_PATH } : {}),
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-background-networking",
        "--disable-component-update",
      ],
    });
    [person] = (await new Sandbox(installation.sandboxOrigin).people()) as [Person, ...Person[]];
    administrator = await (await visitor()).newPage();
    watch(administrator);
  }, 300_000);
  afterAll(async () => {
    await browser.close();
    await installation.stop();
  });

  const visitor = (): Promise<BrowserContext> =>
    // The sandbox's certificate authority is its own; the browser of a test need not know it.
    // Without animations axe sees no half-faded text.
    browser.newContext({
      ignoreHTTPSErrors: true,
      reducedMotion: "reduce",
      viewport: { width: 1440, height: 900 },
    });
  const watch = (page: Page) => {
    page.on("pageerror", (error) => problems.push(error.message));
    page.on("console", (message) => {
      if (message.type() === "error") problems.push(message.text());
    });
  };
  const row = () => administrator.getByRole("row").filter({ hasText: person.address });
  const screenshot = async (page: Page, name: string) => {
    const folder = process.env.EVERLINK_SCREENSHOTS;
    if (!folder) return;
    for (const scheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme: scheme });
      for (const width of [1440, 390]) {
        await page.setViewportSize({ width, height: 900 });
        await page.waitForTimeout(300);
        await page.screenshot({ path: join(folder, `${name}-${scheme}-${width}.png`) });
      }
    }
    await page.setViewportSize({ width: 1440, height: 900 });
    await page.emulateMedia({ colorScheme: "light" });
  };
  /** The API as the administrator's own page calls it. */
  const api = <Body>(path: string, body?: unknown, method = body === undefined ? "GET" : "POST") =>
    administrator.evaluate(
      async (request) => {
        const response = await fetch(`/api/v1/${request.path}`, {
          method: request.method,
          ...(request.body === undefined
            ? {}
            : { headers: { "content-type": "application/json" }, body: JSON.stringify(request.body) }),
        });
        if (!response.ok) throw new Error(`${request.path}: ${await response.text()}`);
        return (await response.json()) as unknown;
      },
      { path, body, method },
    ) as Promise<Body>;
  /** WCAG 2.2 AA as far as axe can tell, in both themes. */
  const accessible = async (page: Page, name: string) => {
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      await page.evaluate(axe);
      const found = await page.evaluate(async () => {
        const { axe: runner } = globalThis as unknown as {
          axe: { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };
        };
        return (await runner.run()).violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`);
      });
      expect([name, colorScheme, found]).toEqual([name, colorScheme, []]);
    }
    await page.emulateMedia({ colorScheme: "light" });
  };

  it("opens with the printed link, and shows everybody", async () => {
    await administrator.goto(installation.consoleLink);
    await administrator.getByRole("table", { name: "People" }).waitFor();
    await expect.poll(() => administrator.url()).not.toContain("sign-in");
    await administrator.getByText(person.address).first().waitFor();
    await screenshot(administrator, "associates-first");
    await accessible(administrator, "associates");
  });

  it("invites one person with a mail in the administrator's words", async () => {
    await row().getByRole("checkbox").click();
    await administrator.getByRole("button", { name: /^Invite…/ }).click();
    const dialog = administrator.getByRole("dialog");
    await dialog.waitFor();
    await screenshot(administrator, "invite");
    await accessible(administrator, "invite dialog");
    await dialog.getByRole("button", { name: /^Invite/ }).click();
    const mail = await until(
      "the invitation arrives",
      async () => (await new Sandbox(installation.sandboxOrigin).mails(person.address))[0],
    );
    expect(mail.text).toContain(`${installation.origin}/register/`);
    await administrator.keyboard.press("Escape");
  });

  it("lets the person sign in with Microsoft through the real form and redirect", async () => {
    const [mail] = await new Sandbox(installation.sandboxOrigin).mails(person.address);
    const link = mail!.links.find((each) => each.includes("/register/") && !each.includes("/register/code"))!;
    const page = await (await visitor()).newPage();
    watch(page);
    await page.goto(link);
    await screenshot(page, "registration");
    await accessible(page, "registration");
    await page.getByRole("button", { name: /Continue with Microsoft/ }).click();
    await page.locator('input[type="password"]').waitFor();
    await page.locator('input[name="username"]').fill(person.userPrincipalName);
    await page.locator('input[type="password"]').fill(person.password);
    await page.locator('button[value="signin"]').click();
    await page.locator('button[value="accept"]').click();
    await expect.poll(() => page.title(), { timeout: 30_000 }).toMatch(/connected/i);
    await screenshot(page, "connected");
    await accessible(page, "connected");
    await page.context().close();
  });

  it("shows the registration without a reload, links, and shows the first sync", async () => {
    await expect.poll(() => row().innerText(), { timeout: 30_000 }).toMatch(/Registered|Signed in/i);
    if (!(await row().getByRole("checkbox").isChecked())) await row().getByRole("checkbox").click();
    await administrator.getByRole("button", { name: /^Link…/ }).click();
    const dialog = administrator.getByRole("dialog");
    await dialog.waitFor();
    await screenshot(administrator, "link");
    await accessible(administrator, "link dialog");
    await dialog.getByRole("button", { name: /^Link/ }).last().click();
    await expect.poll(() => row().innerText(), { timeout: 90_000 }).toMatch(/Syncing/);
    await screenshot(administrator, "associates");
  });

  it("opens one person's page with what happened", async () => {
    await administrator.keyboard.press("Escape");
    await row()
      .getByRole("link", { name: person.fullName })
      .or(row().getByRole("button", { name: person.fullName }))
      .first()
      .click();
    const drawer = administrator.getByRole("complementary");
    await drawer.waitFor();
    await expect.poll(() => drawer.innerText(), { timeout: 60_000 }).toMatch(/invited/i);
    await screenshot(administrator, "person");
    await accessible(administrator, "person");
  });

  it("tells one item's why with its row, and shows both sides to who may see them", async () => {
    const drawer = administrator.getByRole("complementary");
    await drawer.getByRole("tab", { name: "Items" }).click();
    await drawer.getByRole("list").getByRole("button").first().waitFor();
    await expect.poll(() => administrator.url()).toContain("tab=items");
    await screenshot(administrator, "items");
    await accessible(administrator, "items");
    await drawer
      .getByRole("button", { name: /^Diary entry(?! · Private)/ })
      .first()
      .click();
    await drawer.getByText(/row (41|42|43)/).waitFor();
    await screenshot(administrator, "item");
    await accessible(administrator, "item");
    await drawer.getByRole("button", { name: "Compare" }).first().click();
    const dialog = administrator.getByRole("dialog");
    await dialog.getByRole("rowheader", { name: /^title/ }).waitFor();
    await screenshot(administrator, "compare");
    await accessible(administrator, "compare dialog");
    await administrator.keyboard.press("Escape");
    await drawer.getByRole("button", { name: /All items/ }).click();
    await drawer.getByRole("tab", { name: "Overview" }).click();
  });

  it("asks about a conflict, takes a side by a button, and gives the other version back", async () => {
    const sandbox = new Sandbox(installation.sandboxOrigin);
    const { associateId } = person;
    const [row0] = await api<{ rows: { userId: string }[] }>(`associates?search=${person.address}`).then(
      ({ rows }) => rows,
    );
    const userId = row0!.userId;
    await api(`users/${userId}/settings`, { diary: { conflict: "ask" } }, "PATCH");
    const day = new Date(Date.now() + 3 * 86_400_000).toISOString().slice(0, 10);
    await sandbox.edit("superoffice", associateId, {
      action: "create",
      item: {
        subject: "Budget talk",
        body: "",
        location: "",
        start: `${day}T09:00:00`,
        end: `${day}T10:00:00`,
        timeZone: "Europe/Oslo",
        allDay: false,
        busy: "busy",
        private: false,
        reminderMinutes: null,
        recurrence: null,
      },
    });
    const titled = async (side: "superoffice" | "exchange", subject: string) =>
      (await sandbox.items(side, associateId)).find((item) => item.subject === subject);
    const inMailbox = await until("the appointment arrives", () => titled("exchange", "Budget talk"));
    const inCrm = await titled("superoffice", "Budget talk");
    await api(`users/${userId}/pause`, {});
    await expect.poll(() => row().innerText(), { timeout: 60_000 }).toMatch(/Paused/);
    await sandbox.edit("superoffice", associateId, {
      action: "change",
      id: inCrm!.id,
      item: { subject: "Budget 2027" },
    });
    await sandbox.edit("exchange", associateId, {
      action: "change",
      id: inMailbox.id,
      item: { subject: "Budget, moved" },
    });
    await api(`users/${userId}/resume`, {});
    const drawer = administrator.getByRole("complementary");
    const take = drawer.getByRole("button", { name: "Take the mailbox’s version" });
    await take.waitFor({ timeout: 60_000 });
    await screenshot(administrator, "finding");
    await accessible(administrator, "finding");
    await take.click();
    await until("the mailbox's version is in SuperOffice", () => titled("superoffice", "Budget, moved"));

    await drawer.getByRole("tab", { name: "Items" }).click();
    await drawer.getByRole("combobox").selectOption({ label: "With a kept version" });
    await drawer
      .getByRole("button", { name: /^Diary entry/ })
      .first()
      .click();
    const giveBack = drawer.getByRole("button", { name: "Give back" }).first();
    await giveBack.waitFor();
    await screenshot(administrator, "kept");
    await accessible(administrator, "kept version");
    await giveBack.click();
    await until("SuperOffice's version is back on both sides", async () =>
      (await titled("superoffice", "Budget 2027")) ? await titled("exchange", "Budget 2027") : undefined,
    );
    await drawer.getByRole("tab", { name: "Overview" }).click();
  });

  it("shows what the brake holds, and gives the emptied side its items back by a button", async () => {
    const sandbox = new Sandbox(installation.sandboxOrigin);
    const { associateId } = person;
    const before = (await sandbox.items("exchange", associateId)).filter(
      (item) => !item.private && !item.recurrence && (item.attendees ?? []).length === 0,
    );
    for (const { id } of before.slice(0, Math.max(12, Math.ceil(before.length / 2))))
      await sandbox.edit("exchange", associateId, { action: "delete", id });
    const drawer = administrator.getByRole("complementary");
    const restore = drawer.getByRole("button", { name: "Give the mailbox its items back" });
    await restore.waitFor({ timeout: 90_000 });
    await screenshot(administrator, "brake");
    await accessible(administrator, "brake");
    await restore.click();
    await until("the mailbox has its items again", async () => {
      const now = new Set((await sandbox.items("exchange", associateId)).map(({ subject }) => subject));
      return before.every(({ subject }) => now.has(subject)) ? true : undefined;
    });
    await expect.poll(() => row().innerText(), { timeout: 60_000 }).toMatch(/Syncing/);
  });

  it("unlinks with Everlink's copies removed: shown first, undone, then done, and linked again as before", async () => {
    const sandbox = new Sandbox(installation.sandboxOrigin);
    const { associateId } = person;
    const ids = async (side: "superoffice" | "exchange") =>
      new Set((await sandbox.items(side, associateId)).map(({ id }) => id));
    const before = { crm: await ids("superoffice"), mailbox: await ids("exchange") };
    const drawer = administrator.getByRole("complementary");
    const remove = administrator.getByRole("button", { name: /^Remove \d+ items and unlink$/ });
    const decide = async () => {
      await drawer.getByRole("button", { name: /^More/ }).click();
      await administrator.getByRole("menuitem", { name: "Unlink…" }).click();
      await administrator.getByRole("radio", { name: /from the mailbox/ }).check();
      await remove.waitFor({ timeout: 60_000 });
    };
    await decide();
    await screenshot(administrator, "unlink");
    await accessible(administrator, "unlink");
    const planned = Number(/\d+/.exec(await remove.innerText())?.[0]);
    await remove.click();
    const undo = drawer.getByRole("button", { name: "Undo" });
    await undo.waitFor();
    await screenshot(administrator, "unlinking");
    await accessible(administrator, "unlinking");
    await undo.click();
    await expect.poll(() => row().innerText(), { timeout: 60_000 }).toMatch(/Syncing/);
    expect(await ids("exchange")).toEqual(before.mailbox);

    await decide();
    await remove.click();
    await drawer.getByRole("button", { name: "Stop and keep the rest" }).waitFor({ timeout: 60_000 });
    installation.kill("worker");
    // The outcome of a removal that the kill cut off is looked up once its request cannot land any more: after 130 s.
    await expect.poll(() => row().innerText(), { timeout: 300_000 }).toMatch(/Registered/);
    const left = await ids("exchange");
    expect([before.mailbox.size - left.size, [...left].every((id) => before.mailbox.has(id))]).toEqual([
      planned,
      true,
    ]);
    expect(await ids("superoffice")).toEqual(before.crm);

    const userId = /person=([0-9a-f-]{36})/.exec(administrator.url())?.[1] ?? "";
    await api(`users/${userId}/link`, {});
    await until("everything is in the mailbox again", async () =>
      (await ids("exchange")).size === before.mailbox.size ? true : undefined,
    );
    await expect.poll(() => row().innerText(), { timeout: 60_000 }).toMatch(/Syncing/);
    expect(await ids("superoffice")).toEqual(before.crm);
  });

  it("notices a revoked session and says who must act", async () => {
    await administrator.keyboard.press("Escape");
    await new Sandbox(installation.sandboxOrigin).revokeSessions(person.associateId);
    await expect.poll(() => row().innerText(), { timeout: 120_000 }).toMatch(/Needs sign-in/);
    await screenshot(administrator, "needs-sign-in");
    await accessible(administrator, "needs sign-in");
  });

  it("has no error in any browser's console", () => {
    expect(problems).toEqual([]);
  });
});
