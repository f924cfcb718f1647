/** Who is signed in, what they may do, and the purpose for which this session looks at personal data. */
import { type QueryClient, queryOptions, useQuery, useQueryClient } from '@tanstack/react-query';
import { createContext, type ReactNode, useContext, useMemo } from 'react';
import { ApiProblem, api } from '../api/client.ts';
import type { Me } from '../api/types.ts';
import { forget, isCollectPath, remember, remembered } from './remembered.ts';

export const meQuery = queryOptions({
  queryKey: ['me'],
  queryFn: async ({ signal }): Promise<Me | null> => {
    try {
      const me = await api.get('/api/v1/me', { signal });
      remember(me);
      return me;
    } catch (error) {
      if (error instanceof ApiProblem && error.body.status === 401) return null;
      // Without a network the collect pages go on for whoever was signed in on this phone.
      const held = error instanceof ApiProblem && error.body.status === 0 && isCollectPath(location.pathname);
      if (held && remembered()) return remembered();
      throw error;
    }
  },
  staleTime: 60_000,
  retry: false,
  // Asked without a network too: only so it is known that there is none.
  networkMode: 'always',
});

/** What the hub tells everybody: its city, whether it shows a demonstration, what passwords must be. */
export const signInQuery = queryOptions({
  queryKey: ['sign-in'],
  queryFn: ({ signal }) => api.get('/api/v1/sign-in', { signal }),
  staleTime: Number.POSITIVE_INFINITY,
});

interface Session {
  me: Me;
  may(permission: string): boolean;
  held: ReadonlySet<string>;
}

const SessionContext = createContext<Session | null>(null);

export function SessionProvider({ me, children }: { me: Me; children: ReactNode }) {
  const session = useMemo<Session>(() => {
    const held = new Set<string>(me.permissions);
    return { me, held, may: (permission) => held.has(permission) };
  }, [me]);
  return <SessionContext value={session}>{children}</SessionContext>;
}

/** The session of the person who is signed in; only below the frame. */
export function useSession(): Session {
  const session = useContext(SessionContext);
  if (!session) throw new Error('useSession outside SessionProvider');
  return session;
}

export function useMe() {
  return useQuery(meQuery);
}

/** Another person, or nobody, is signed in: forgets what was fetched for the one before. */
export function becomes(client: QueryClient, me: Me | null): void {
  // The query of `me` itself stays: the frame watches it; what the sign-in page needs is nobody's own.
  client.removeQueries({ predicate: (query) => !['me', 'sign-in'].includes(query.queryKey.join()) });
  client.setQueryData(meQuery.queryKey, me);
}

/** Signs out and forgets everything that was fetched for this person. */
export function useSignOut(): () => Promise<void> {
  const client = useQueryClient();
  return async () => {
    await api.delete('/api/v1/session').catch(() => undefined);
    forget();
    dispatchEvent(new Event('jingwei.signed-out'));
    becomes(client, null);
  };
}
