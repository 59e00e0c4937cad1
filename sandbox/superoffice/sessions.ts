import { createHash, randomBytes } from "node:crypto";
import type { Person } from "../context.ts";
import type { Application } from "./credentials.ts";
import { forbidden, unauthorized } from "./errors.ts";
import { SYSTEM_ASSOCIATE, TENANT, type Office } from "./office.ts";

/** Who a call acts as. */
export interface Principal {
  associateId: number;
  system: boolean;
}

type Kind = "ticket" | "access" | "refresh" | "code";

interface Session {
  kind: Kind;
  associate_id: number;
  expires: number;
  details: string;
}

const HOUR = 3_600_000;
/** "Valid for up to 6 hours … resets the 6 hour window each time it is used" (best-practices). */
const TICKET_MS = 6 * HOUR;
const CODE_MS = 600_000;
/** Refresh tokens live as long as the consent (auth-code-flow.md). */
const FOREVER = Number.MAX_SAFE_INTEGER;

/** Tickets, access and refresh tokens and codes, stored by hash, so that they outlive a restart. */
export class Sessions {
  readonly #office: Office;
  readonly #application: Application;

  constructor(office: Office, application: Application) {
    this.#office = office;
    this.#application = application;
  }

  openTicket(associateId: number): string {
    return this.#open("ticket", associateId, "7T:", this.#office.now() + TICKET_MS, {});
  }

  openAccess(associateId: number): string {
    const expires = this.#office.now() + this.#office.switches.accessTokenSeconds * 1000;
    return this.#open("access", associateId, `8A:${TENANT}.`, expires, {});
  }

  openRefresh(associateId: number, details: object): string {
    return this.#open("refresh", associateId, "", FOREVER, details);
  }

  openCode(associateId: number, details: object): string {
    return this.#open("code", associateId, "", this.#office.now() + CODE_MS, details);
  }

  /** A code or refresh token that lives; a code is used up. */
  redeem(
    kind: "code" | "refresh",
    token: string,
  ): { associateId: number; details: Record<string, string> } | undefined {
    const session = this.#find(kind, token);
    if (!session) return undefined;
    if (kind === "code") this.#delete(token);
    return {
      associateId: session.associate_id,
      details: JSON.parse(session.details) as Record<string, string>,
    };
  }

  /** Ends every session of a kind: an administrator revoked the application's consent, or a test wants it. */
  revokeAll(): void {
    this.#office.write(() => this.#office.sql.run("delete from superoffice_session"));
  }

  /**
   * Whom the headers name.
   * @throws SoError 401 (or as the switches say) when they name nobody, 403 for a retired associate
   */
  authenticate(headers: Record<string, string | undefined>): Principal {
    const principal = this.#identify(headers);
    const retired = this.#office.sql.first(
      "select 1 as found from superoffice_associate where associate_id = ? and retired = 1",
      principal.associateId,
    );
    if (retired) throw forbidden("The user is not active");
    return principal;
  }

  /** The person behind the headers, if any; changes nothing. */
  person(headers: Record<string, string | undefined>): Person | undefined {
    const [, token = ""] = (headers["authorization"] ?? "").split(/\s+/, 2);
    const session = this.#find("access", token) ?? this.#find("ticket", token);
    return session && this.#office.context.directory.byAssociate(session.associate_id);
  }

  #identify(headers: Record<string, string | undefined>): Principal {
    const [scheme = "", token = ""] = (headers["authorization"] ?? "").split(/\s+/, 2);
    switch (scheme.toLowerCase()) {
      case "soticket":
        return this.#ticket(token, headers["so-apptoken"]);
      case "bearer": {
        const session = this.#find("access", token) ?? this.#expired();
        return { associateId: session.associate_id, system: false };
      }
      case "basic":
        return this.#basic(token);
      default:
        throw unauthorized("Authentication required: no usable Authorization header");
    }
  }

  #ticket(token: string, applicationToken: string | undefined): Principal {
    if (applicationToken !== this.#application.clientSecret) {
      throw unauthorized("The SO-AppToken header is missing or does not belong to a registered application");
    }
    const session = this.#find("ticket", token) ?? this.#expired();
    const now = this.#office.now();
    // Sliding; a write a minute at most, for reading must not cost a disk write each time.
    if (session.expires < now + TICKET_MS - 60_000) {
      this.#office.write(() =>
        this.#office.sql.run(
          "update superoffice_session set expires = ? where token = ?",
          now + TICKET_MS,
          hash(token),
        ),
      );
    }
    return { associateId: session.associate_id, system: session.associate_id === SYSTEM_ASSOCIATE };
  }

  #basic(token: string): Principal {
    if (!this.#office.switches.basicAllowed)
      throw unauthorized("Basic authentication is not allowed in Online");
    const [user = "", ...password] = Buffer.from(token, "base64").toString("utf8").split(":");
    const { directory } = this.#office.context;
    const address = directory.people().find((person) => person.loginName === user)?.address ?? user;
    const person = directory.byCredentials(address, password.join(":"));
    if (!person) throw unauthorized("Invalid username or password");
    return { associateId: person.associateId, system: false };
  }

  #expired(): never {
    throw unauthorized(
      "The ticket or token is unknown or has expired",
      this.#office.switches.expiredCredentialStatus,
    );
  }

  #open(kind: Kind, associateId: number, prefix: string, expires: number, details: object): string {
    const token = prefix + randomBytes(32).toString("base64url");
    this.#office.write(() => {
      const { sql } = this.#office;
      sql.run("delete from superoffice_session where expires < ?", this.#office.now());
      sql.run(
        "insert into superoffice_session (token, kind, associate_id, expires, details) values (?, ?, ?, ?, ?)",
        hash(token),
        kind,
        associateId,
        expires,
        JSON.stringify(details),
      );
    });
    return token;
  }

  #find(kind: Kind, token: string): Session | undefined {
    const session = this.#office.sql.first<Session>(
      "select kind, associate_id, expires, details from superoffice_session where token = ? and kind = ?",
      hash(token),
      kind,
    );
    return session && session.expires > this.#office.now() ? session : undefined;
  }

  #delete(token: string): void {
    this.#office.write(() =>
      this.#office.sql.run("delete from superoffice_session where token = ?", hash(token)),
    );
  }
}

function hash(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}
