import { Client, Connection, isGrpcServiceError } from "@temporalio/client";
import { loadClientConnectConfig } from "@temporalio/envconfig";
import proto from "@temporalio/proto";

/** What operators find workflows by (design §2); all keywords, no personal data. */
export const searchAttributeNames = ["EverlinkState", "EverlinkProblem", "EverlinkOrganization"] as const;

export interface TemporalAddress {
  temporalAddress: string;
  temporalNamespace: string;
}

/**
 * Connection options from the standard `TEMPORAL_*` variables and profiles (TLS, API key, Temporal Cloud); address
 * and namespace of the configuration win where those say nothing.
 */
export function temporalOptions({ temporalAddress, temporalNamespace }: TemporalAddress) {
  const { connectionOptions, namespace } = loadClientConnectConfig();
  return {
    connection: { ...connectionOptions, address: connectionOptions.address ?? temporalAddress },
    namespace: namespace ?? temporalNamespace,
  };
}

/**
 * A client that connects when it is first used, and again by itself whenever Temporal was away: an API starts and
 * answers while Temporal is down.
 */
export function temporalClient(address: TemporalAddress): Client {
  const { connection, namespace } = temporalOptions(address);
  return new Client({ connection: Connection.lazy(connection), namespace });
}

/** Makes our search attributes known to a server that was not started with them. Repeating it is harmless. */
export async function registerSearchAttributes(connection: Connection, namespace: string): Promise<void> {
  const keyword = proto.temporal.api.enums.v1.IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD;
  const alreadyExists = 6;
  for (const name of searchAttributeNames) {
    try {
      await connection.operatorService.addSearchAttributes({
        namespace,
        searchAttributes: { [name]: keyword },
      });
    } catch (error) {
      if (!isGrpcServiceError(error) || (error.code as number) !== alreadyExists) throw error;
    }
  }
}
