import { useQuery } from "@tanstack/react-query";
import { useEffect, useState, type ReactNode } from "react";
import { FailureNotice } from "../kit/notice.tsx";
import { api, isSignedOut, Refused, success } from "../remote/client.ts";
import { queryClient, sessionQuery } from "../remote/queries.ts";
import { words } from "../words/index.ts";
import { takeLinkToken } from "./link-token.ts";
import { SessionContext } from "./session.tsx";
import { SignedOut, type SignedOutReason } from "./signed-out.tsx";

/** Exchanges the one-time token. @returns how it ended, or `undefined` when the session has begun */
async function exchange(token: string): Promise<SignedOutReason | undefined> {
  try {
    const session = await success(api.session.$post({ json: { token } }));
    queryClient.setQueryData(sessionQuery.queryKey, session);
    return undefined;
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    // An old link opened in a browser that is signed in already does no harm.
    const session = await queryClient.fetchQuery(sessionQuery);
    return session ? undefined : "link-expired";
  }
}

// Taken when the page loads, before anything can read or keep the address. StrictMode runs effects twice; a
// one-time token must be sent once.
let token = takeLinkToken(window.location, window.history);

/** Lets in who has a session; everybody else is told how to get one. */
export function Gate({ children }: { children: ReactNode }) {
  const [reason, setReason] = useState<SignedOutReason>("none");
  const [exchanging, setExchanging] = useState(token !== undefined);
  const [failure, setFailure] = useState<unknown>();
  const session = useQuery({ ...sessionQuery, enabled: !exchanging });

  useEffect(() => {
    const begin = () => {
      if (token === undefined) return;
      const spent = token;
      token = undefined;
      setExchanging(true);
      void exchange(spent)
        .then((ended) => setReason(ended ?? "none"), setFailure)
        .finally(() => setExchanging(false));
    };
    const hashChanged = () => {
      token = takeLinkToken(window.location, window.history);
      begin();
    };
    begin();
    window.addEventListener("hashchange", hashChanged);
    return () => window.removeEventListener("hashchange", hashChanged);
  }, []);

  // Whichever request is the first to hear that the session is over ends it for the whole page.
  useEffect(
    () =>
      queryClient.getQueryCache().subscribe(({ type, query }) => {
        if (type === "updated" && isSignedOut(query.state.error)) {
          setReason("over");
          queryClient.setQueryData(sessionQuery.queryKey, null);
        }
      }),
    [],
  );

  if (session.data) {
    return <SessionContext.Provider value={session.data}>{children}</SessionContext.Provider>;
  }
  if (exchanging || (session.isPending && !session.isError)) {
    return (
      <main className="p-8 text-soft" role="status">
        {words.session.checking}
      </main>
    );
  }
  if (failure !== undefined || session.isError) {
    return (
      <main>
        <FailureNotice
          title={words.session.failedTitle}
          error={failure ?? session.error}
          onRetry={() => {
            setFailure(undefined);
            void session.refetch();
          }}
        />
      </main>
    );
  }
  return <SignedOut reason={reason} />;
}
