import type { Person, Tenant } from "../context.ts";

export const sampleTenant: Tenant = {
  id: "3b1c6f0a-7d5e-4a8e-9c41-2f6f6f3d9a10",
  name: "Nordlys",
  domain: "nordlys.example",
};

/** A person of the sample tenant; `over` changes what the test is about. */
export const samplePerson = (associateId: number, over: Partial<Person> = {}): Person => ({
  associateId,
  personId: 1000 + associateId,
  contactId: 1,
  loginName: `P${associateId}`,
  firstName: "Åse",
  lastName: `Lund ${associateId}`,
  fullName: `Åse Lund ${associateId}`,
  address: `p${associateId}@nordlys.example`,
  userPrincipalName: `p${associateId}@nordlys.onmicrosoft.example`,
  proxyAddresses: [`SMTP:p${associateId}@nordlys.example`, `smtp:alias${associateId}@nordlys.example`],
  userType: "Member",
  objectId: `00000000-0000-4000-8000-${String(associateId).padStart(12, "0")}`,
  tenant: sampleTenant.id,
  password: "right",
  timeZone: "Europe/Oslo",
  capabilities: { mailbox: true, ews: true, graph: true, enabled: true, retired: false },
  ...over,
});
