import type { Permission } from "../contract/permission.ts";
import type { Role } from "../../db/access.ts";

/**
 * Who may what (design §2). `signed-in` is everybody's; `public` needs no caller at all.
 *
 *               | read | invite | revoke | link | operate | decide | content | control | erase | tokens | connections
 * owner         |  ×   |   ×    |   ×    |  ×   |    ×    |   ×    |    ×    |    ×    |   ×   |   ×    |     ×
 * administrator |  ×   |   ×    |   ×    |  ×   |    ×    |   ×    |    ×    |    ×    |   ×   |   ×    |     ×
 * helpdesk      |  ×   |   ×    |        |  ×   |    ×    |        |         |         |       |        |
 * auditor       |  ×   |        |        |      |         |        |         |         |       |        |     ×
 *
 * An administrator makes no tokens above its own role: see `mayGrant`.
 */
const granted: Record<Role, ReadonlySet<Permission>> = {
  owner: new Set([
    "read",
    "invite",
    "revoke",
    "link",
    "operate",
    "decide",
    "content",
    "control",
    "erase",
    "tokens",
    "connections",
  ]),
  administrator: new Set([
    "read",
    "invite",
    "revoke",
    "link",
    "operate",
    "decide",
    "content",
    "control",
    "erase",
    "tokens",
    "connections",
  ]),
  helpdesk: new Set(["read", "invite", "link", "operate"]),
  auditor: new Set(["read", "connections"]),
};

const rank: Record<Role, number> = { auditor: 0, helpdesk: 1, administrator: 2, owner: 3 };

export function may(role: Role, permission: Permission): boolean {
  return permission === "public" || permission === "signed-in" || granted[role].has(permission);
}

export function permissionsOf(role: Role): Permission[] {
  return [...granted[role]];
}

/** Nobody hands out more than they have. */
export function mayGrant(role: Role, other: Role): boolean {
  return rank[other] <= rank[role];
}
