import { randomBytes, randomUUID } from "node:crypto";
import type { Person, SandboxContext, System } from "../context.ts";
import { tenant } from "../seed/company.ts";
import { ControlError, read, type Route } from "./route.ts";
import { personWish } from "./schemas.ts";

export function personOf(context: SandboxContext, associateId: number): Person {
  const person = context.directory.byAssociate(associateId);
  if (person === undefined)
    throw new ControlError(404, `there is no person with associate id ${associateId}`);
  return person;
}

export function peopleRoutes(context: SandboxContext, systems: System[]): Route[] {
  function save(person: Person): Person {
    const addresses = [person.address, person.userPrincipalName, ...person.proxyAddresses];
    for (const address of addresses) {
      const owner = context.directory.byAddress(address.replace(/^smtp:/i, ""));
      if (owner && owner.associateId !== person.associateId) {
        throw new ControlError(409, `${address} belongs to ${owner.fullName}`);
      }
    }
    context.transaction(() => {
      if (context.directory.tenants().length === 0) context.directory.saveTenant(tenant);
      context.directory.save(person);
      for (const system of systems) system.admit?.(person);
    });
    return person;
  }

  function added(wish: Partial<Person>): Person {
    const associateId =
      wish.associateId ?? Math.max(100, ...context.directory.people().map((each) => each.associateId)) + 1;
    const firstName = wish.firstName ?? "Ny";
    const lastName = wish.lastName ?? `Kollega ${associateId}`;
    const address = wish.address ?? `person${associateId}@${tenant.domain}`;
    return {
      associateId,
      personId: 1000 + associateId,
      contactId: 2,
      loginName: `P${associateId}`,
      firstName,
      lastName,
      fullName: `${firstName} ${lastName}`,
      address,
      userPrincipalName: address,
      proxyAddresses: [`SMTP:${address}`],
      userType: "Member",
      objectId: randomUUID(),
      tenant: context.directory.tenants()[0]?.id ?? tenant.id,
      password: `Nordlys-${randomBytes(5).toString("hex")}`,
      timeZone: "Europe/Oslo",
      ...wish,
      capabilities: {
        mailbox: true,
        ews: true,
        graph: true,
        enabled: true,
        retired: false,
        ...wish.capabilities,
      },
    };
  }

  return [
    {
      method: "GET",
      path: "/control/people",
      says: "all people, with their passwords",
      run: () => context.directory.people(),
    },
    {
      method: "GET",
      path: "/control/people/:id",
      says: "one person by associate id",
      run: ({ id }) => personOf(context, Number(id)),
    },
    {
      method: "POST",
      path: "/control/people",
      says: "adds a person, or changes the one with this associate id",
      run({ body }) {
        const { capabilities, ...given } = read(personWish, body);
        const wish = defined(given) as Partial<Person>;
        const known =
          given.associateId === undefined ? undefined : context.directory.byAssociate(given.associateId);
        const switches = defined(capabilities ?? {}) as Partial<Person["capabilities"]>;
        if (known === undefined)
          return save(added({ ...wish, capabilities: switches as Person["capabilities"] }));
        return save({ ...known, ...wish, capabilities: { ...known.capabilities, ...switches } });
      },
    },
  ];
}

const defined = (given: object): object =>
  Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
