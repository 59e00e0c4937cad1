/** The two resources this tenant knows, by the origin that a token's `aud` names. */
export const graphResource = "https://graph.microsoft.com";
export const exchangeResource = "https://outlook.office365.com";
export type Resource = typeof graphResource | typeof exchangeResource;

/** What can be asked for, and what the consent page says about it. */
export const permissions: Record<Resource, Record<string, string>> = {
  [graphResource]: {
    "User.Read": "Sign you in and read your profile",
    "MailboxSettings.Read": "Read your mailbox settings",
    "Calendars.ReadWrite": "Have full access to your calendars",
    "Calendars.Read": "Read your calendars",
    "Contacts.ReadWrite": "Have full access to your contacts",
    "Contacts.Read": "Read your contacts",
    "Tasks.ReadWrite": "Create, read, update and delete your tasks and task lists",
    "Tasks.Read": "Read your tasks and task lists",
    "Mail.Send": "Send mail as you",
  },
  [exchangeResource]: {
    "EWS.AccessAsUser.All":
      "Access your mailboxes (calendar, contacts, tasks and mail) by Exchange Web Services",
  },
};

export const identityScopes = new Set(["openid", "profile", "email", "offline_access"]);

/** A scope as asked for, taken apart. Names compare without case, as Entra's do. */
export interface Asked {
  identity: string[];
  /** Full names (`https://graph.microsoft.com/User.Read`) by resource. */
  byResource: Map<Resource, string[]>;
  /** `https://…/.default`: everything consented for the resource. */
  defaults: Set<Resource>;
  unknown: string[];
}

/** Short names are Graph's. `https://outlook.office.com` is the other name of Exchange Online's resource. */
export function parseScope(scope: string | undefined): Asked {
  const asked: Asked = { identity: [], byResource: new Map(), defaults: new Set(), unknown: [] };
  for (const word of (scope ?? "").split(/\s+/).filter((each) => each !== "")) {
    if (identityScopes.has(word.toLowerCase())) {
      asked.identity.push(word.toLowerCase());
      continue;
    }
    const [resource, name] = split(word);
    if (resource !== undefined && name.toLowerCase() === ".default") {
      asked.defaults.add(resource);
      asked.byResource.set(resource, asked.byResource.get(resource) ?? []);
      continue;
    }
    const known = resource && Object.keys(permissions[resource]).find((each) => same(each, name));
    if (resource === undefined || known === undefined) {
      asked.unknown.push(word);
      continue;
    }
    const names = asked.byResource.get(resource) ?? [];
    if (!names.includes(`${resource}/${known}`)) names.push(`${resource}/${known}`);
    asked.byResource.set(resource, names);
  }
  return asked;
}

function split(word: string): [Resource | undefined, string] {
  const full = /^(https:\/\/[^/]+)\/+(.+)$/i.exec(word);
  if (!full) return [graphResource, word];
  const origin = full[1]!.toLowerCase();
  if (origin === graphResource) return [graphResource, full[2]!];
  if (origin === exchangeResource || origin === "https://outlook.office.com")
    return [exchangeResource, full[2]!];
  return [undefined, full[2]!];
}

const same = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

export const resourceOf = (fullName: string): Resource =>
  fullName.startsWith(`${exchangeResource}/`) ? exchangeResource : graphResource;

export const shortName = (fullName: string): string => fullName.slice(fullName.lastIndexOf("/") + 1);

export const describe = (fullName: string): string =>
  permissions[resourceOf(fullName)][shortName(fullName)] ?? fullName;

/** Full names of all permissions of all resources. */
export const everyScope = (): string[] =>
  (Object.keys(permissions) as Resource[]).flatMap((resource) =>
    Object.keys(permissions[resource]).map((name) => `${resource}/${name}`),
  );
