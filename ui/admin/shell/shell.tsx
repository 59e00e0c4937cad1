import { Link, Outlet, useNavigate } from "@tanstack/react-router";
import { Search, Settings2 } from "lucide-react";
import { lazy, Suspense, useMemo, useState } from "react";
import { Button, IconButton } from "../kit/button.tsx";
import { useKeys } from "../kit/keys.ts";
import { Menu, MenuChoice, MenuItem, MenuLink, MenuSeparator } from "../kit/menu.tsx";
import { api, done } from "../remote/client.ts";
import { useLive } from "../remote/live.ts";
import { useSession } from "../session/session.tsx";
import { chooseTheme, useTheme } from "../session/theme.ts";
import { words } from "../words/index.ts";

const Palette = lazy(() => import("./palette.tsx").then(({ Palette }) => ({ default: Palette })));
const KeyHelp = lazy(() => import("./key-help.tsx").then(({ KeyHelp }) => ({ default: KeyHelp })));
const modifier = /Mac|iP/.test(navigator.platform) ? "⌘" : "Ctrl ";

async function signOut(): Promise<void> {
  await done(api.session.$delete()).catch(() => {});
  window.location.assign("/");
}

/** What stands around every page: skip link, head, sandbox banner, palette. */
export function Shell() {
  const session = useSession();
  const [over, setOver] = useState<"palette" | "keys">();
  useLive();
  useKeys(
    useMemo(
      () => ({
        "mod+k": (event) => {
          event.preventDefault();
          setOver("palette");
        },
        "?": () => setOver("keys"),
      }),
      [],
    ),
  );

  return (
    <div className="flex min-h-dvh flex-col">
      <a
        href="#main"
        className="sr-only focus:not-sr-only focus:absolute focus:z-50 focus:bg-raised focus:p-3"
      >
        {words.skip}
      </a>
      <header>
        <div className="flex h-12 items-center gap-3 border-b border-line px-4">
          <Link to="/" className="flex items-center gap-2 font-semibold max-sm:min-h-11">
            <img src="/icon.svg" alt="" width={20} height={20} />
            {words.brand}
          </Link>
          <span className="truncate text-soft">{session.organization.name}</span>
          <span className="grow" />
          <Button
            onClick={() => setOver("palette")}
            aria-keyshortcuts="Control+K Meta+K"
            icon={<Search size={14} aria-hidden />}
            className="text-soft max-sm:min-w-11 max-sm:border-transparent"
          >
            <span className="max-sm:sr-only">{words.palette.open}</span>
            <kbd aria-hidden className="font-sans text-xs max-sm:hidden">
              {modifier}K
            </kbd>
          </Button>
          <AccountMenu onKeys={() => setOver("keys")} />
        </div>
        {session.mode === "sandbox" ? <SandboxBanner /> : null}
      </header>
      <main id="main" tabIndex={-1} className="flex grow flex-col outline-none">
        <Outlet />
      </main>
      <Suspense>
        {over === "palette" ? <Palette onClose={() => setOver(undefined)} /> : null}
        {over === "keys" ? <KeyHelp onClose={() => setOver(undefined)} /> : null}
      </Suspense>
    </div>
  );
}

function AccountMenu({ onKeys }: { onKeys: () => void }) {
  const session = useSession();
  const navigate = useNavigate();
  const theme = useTheme();
  return (
    <Menu
      align="end"
      trigger={
        <IconButton label={words.nav.menu}>
          <Settings2 size={16} aria-hidden />
        </IconButton>
      }
    >
      <p className="px-2.5 py-1.5 text-xs text-soft">{words.role[session.role]}</p>
      <MenuItem onSelect={() => void navigate({ to: "/settings" })}>{words.nav.settings}</MenuItem>
      <MenuItem onSelect={onKeys}>{words.keys.title}</MenuItem>
      {session.tools.temporal ? <MenuLink href={session.tools.temporal}>{words.temporal}</MenuLink> : null}
      <MenuSeparator />
      <MenuChoice
        label={words.theme.label}
        value={theme}
        onChoose={chooseTheme}
        choices={(["light", "dark", "system"] as const).map((value) => ({
          value,
          label: words.theme[value],
        }))}
      />
      <MenuSeparator />
      <MenuItem onSelect={() => void signOut()}>{words.nav.signOut}</MenuItem>
    </Menu>
  );
}

function SandboxBanner() {
  const { tools } = useSession();
  return (
    <p className="flex flex-wrap gap-x-3 border-b border-line bg-waiting-ground px-4 py-1.5 text-waiting">
      <span>{words.sandbox}</span>
      {tools.inbox ? (
        <a href={tools.inbox} target="_blank" rel="noreferrer" className="underline underline-offset-2">
          {words.inbox}
        </a>
      ) : null}
    </p>
  );
}
