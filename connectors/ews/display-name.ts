import type { Contact } from "../../core/items/contact.ts";

/** What people see of a contact in lists. */
export function displayNameOf(item: Partial<Contact>): string {
  const names = [item["name/given"], item["name/given2"], item["name/surname"]].filter(Boolean);
  return names.length > 0 ? names.join(" ") : (item["organizations/company"] ?? "");
}
