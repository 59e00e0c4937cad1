import type { SandboxContext, System } from "../context.ts";

/** All that the sandbox's Graph knows. */
export const graphScopes = ["Calendars.ReadWrite", "Contacts.ReadWrite", "Tasks.ReadWrite", "User.Read"];

/** Stands for Entra in tests that are not about signing in: the bearer token is `person-<associateId>`. */
export function testTokens(context: SandboxContext, scopes: string[] = graphScopes): System {
  return Object.assign(
    {
      name: "entra" as const,
      owns: () => false,
      handle: () => Promise.reject(new Error("there is no Entra here")),
      reset: () => undefined,
    },
    {
      tokens: {
        verify(authorization: string | undefined) {
          const associateId = /^Bearer person-(\d+)$/.exec(authorization ?? "")?.[1];
          const person = context.directory.byAssociate(Number(associateId));
          return person ? { person, scopes } : { refused: "the token is not one of this test" };
        },
      },
    },
  );
}

export const bearerOf = (associateId: number): string => `Bearer person-${associateId}`;
